{{/* Secret with the API keys: yours, or the chart's. */}}
{{- define "empirical-exporter.keysSecret" -}}
{{- if .Values.apiKeys.existingSecret -}}
{{- if .Values.apiKeys.values -}}
{{- fail "apiKeys: set existingSecret with names, or values, not both" -}}
{{- end -}}
{{- if not .Values.apiKeys.names -}}
{{- fail "apiKeys.names: list the entries of the Secret that hold a key, for example --set 'apiKeys.names={checkout}'" -}}
{{- end -}}
{{- .Values.apiKeys.existingSecret -}}
{{- else -}}
{{- if not .Values.apiKeys.values -}}
{{- fail "apiKeys: no API key; name a Secret in apiKeys.existingSecret and its entries in apiKeys.names, or set apiKeys.values" -}}
{{- end -}}
{{- if .Values.apiKeys.names -}}
{{- fail "apiKeys.names: belongs to existingSecret; the names in apiKeys.values are enough" -}}
{{- end -}}
{{- printf "%s-keys" (include "empirical-exporter.fullname" .) -}}
{{- end -}}
{{- end -}}

{{/* Names of the keys, in the order of the exporter's flags, as a JSON list. */}}
{{- define "empirical-exporter.keyNames" -}}
{{- if .Values.apiKeys.existingSecret -}}
{{- toJson .Values.apiKeys.names -}}
{{- else -}}
{{- keys .Values.apiKeys.values | sortAlpha | toJson -}}
{{- end -}}
{{- end -}}
