{{/* Ports to which connections must be allowed: those of the values, of api.url and of proxies, as a JSON list. */}}
{{- define "empirical-exporter.egressPorts" -}}
{{- $urls := list -}}
{{- with index .Values.flags "api.url" -}}
{{- $urls = append $urls . -}}
{{- end -}}
{{- with .Values.proxy.url -}}
{{- $urls = append $urls (ternary . (printf "http://%s" .) (contains "://" .)) -}}
{{- end -}}
{{- range .Values.env -}}
{{- if and .value (has (upper .name) (list "HTTPS_PROXY" "HTTP_PROXY")) -}}
{{- $urls = append $urls (ternary .value (printf "http://%s" .value) (contains "://" .value)) -}}
{{- end -}}
{{- end -}}
{{- $ports := list -}}
{{- range .Values.networkPolicy.egressPorts -}}
{{- $ports = append $ports (int .) -}}
{{- end -}}
{{- range $urls -}}
{{- $port := regexFind ":[0-9]+/?$" (regexReplaceAll "^([a-z0-9]+://[^/]+).*$" . "${1}") | trimAll ":/" -}}
{{- $scheme := regexFind "^[a-z0-9]+" . -}}
{{- $ports = append $ports (int (default (get (dict "http" 80 "https" 443 "socks5" 1080 "socks5h" 1080) $scheme) $port)) -}}
{{- end -}}
{{- uniq $ports | toJson -}}
{{- end -}}
