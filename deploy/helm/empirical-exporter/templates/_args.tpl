{{/* Command line of the exporter: keys first, then the flags by name. */}}
{{- define "empirical-exporter.args" -}}
{{- range include "empirical-exporter.keyNames" . | fromJsonArray }}
- {{ printf "--api.key-file=%s=/etc/empirical_exporter/keys/%s" . . | quote }}
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
