{{/* Secret with the API keys: yours, or the chart's. Empty where the projects name files only. */}}
{{- define "empirical-exporter.keysSecret" -}}
{{- if .Values.apiKeys.existingSecret -}}
{{- if .Values.apiKeys.values -}}
{{- fail "apiKeys: set existingSecret or values, not both" -}}
{{- end -}}
{{- .Values.apiKeys.existingSecret -}}
{{- else if .Values.apiKeys.names -}}
{{- fail "apiKeys.names: belongs to existingSecret; the names in apiKeys.values are enough" -}}
{{- else if .Values.apiKeys.values -}}
{{- printf "%s-keys" (include "empirical-exporter.fullname" .) -}}
{{- else if not .Values.config.projects -}}
{{- fail "apiKeys: no API key; name a Secret in apiKeys.existingSecret, or set apiKeys.values" -}}
{{- end -}}
{{- end -}}

{{/* Names of the entries that the exporter's flags name, in their order, as a JSON list. */}}
{{- define "empirical-exporter.keyNames" -}}
{{- if .Values.config.projects -}}
[]
{{- else if .Values.apiKeys.existingSecret -}}
{{- toJson .Values.apiKeys.names -}}
{{- else -}}
{{- keys .Values.apiKeys.values | sortAlpha | toJson -}}
{{- end -}}
{{- end -}}
