{{/* Command line of the exporter: keys first, then the flags by name. */}}
{{- define "empirical-exporter.args" -}}
{{- if .Values.config.projects }}
- --config.file=/etc/empirical_exporter/config/empirical.yml
{{- else }}
{{- range include "empirical-exporter.keyNames" . | fromJsonArray }}
- {{ printf "--api.key-file=%s=/etc/empirical_exporter/keys/%s" . . | quote }}
{{- else }}
- --api.key-dir=/etc/empirical_exporter/keys
{{- end }}
{{- end }}
{{- range $flag, $value := .Values.flags }}
{{- if kindIs "slice" $value }}
{{- range $value }}
- {{ printf "--%s=%s" $flag . | quote }}
{{- end }}
{{- else }}
- {{ printf "--%s=%s" $flag $value | quote }}
{{- end }}
{{- end }}
{{- end -}}
