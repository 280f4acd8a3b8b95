{{/* Fails where values are right one by one and wrong together. */}}
{{- define "empirical-exporter.check" -}}
{{- include "empirical-exporter.checkConfig" . -}}
{{- include "empirical-exporter.checkNames" . -}}
{{- include "empirical-exporter.checkFlags" . -}}
{{- include "empirical-exporter.checkSources" . -}}
{{- range $name, $key := .Values.apiKeys.values -}}
{{- if not (regexMatch "^\\S+$" $key) -}}
{{- fail (printf "apiKeys.values.%s: a key is not empty and has no blanks or line breaks; copy it once more" $name) -}}
{{- end -}}
{{- end -}}
{{- with .Values.serviceMonitor -}}
{{- $interval := include "empirical-exporter.milliseconds" .interval | int64 -}}
{{- $timeout := include "empirical-exporter.milliseconds" .scrapeTimeout | int64 -}}
{{- if and .enabled (or (eq $interval 0) (eq $timeout 0)) -}}
{{- fail "serviceMonitor: interval and scrapeTimeout must be longer than 0" -}}
{{- else if and .enabled (gt $timeout $interval) -}}
{{- fail (printf "serviceMonitor: scrapeTimeout %s is longer than interval %s, which the Prometheus Operator refuses; set both" .scrapeTimeout .interval) -}}
{{- end -}}
{{- end -}}
{{- $available := toString .Values.podDisruptionBudget.minAvailable -}}
{{- if and .Values.podDisruptionBudget.enabled (or (eq $available "100%") (le (int .Values.replicaCount) 1) (and (not (hasSuffix "%" $available)) (ge (int $available) (int .Values.replicaCount)))) -}}
{{- fail (printf "podDisruptionBudget: minAvailable %s of replicaCount %d keeps every node from being drained; allow one replica less" $available (int .Values.replicaCount)) -}}
{{- end -}}
{{- end -}}

{{/* Fails where objects could not have their names, or a name of the chart is taken. */}}
{{- define "empirical-exporter.checkNames" -}}
{{- $fullname := include "empirical-exporter.fullname" . -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $fullname) -}}
{{- fail (printf "%q cannot be the name of a Service: set fullnameOverride to a name of small letters, digits and hyphens that begins with a letter" $fullname) -}}
{{- end -}}
{{- range $value, $labels := pick .Values "podLabels" "commonLabels" -}}
{{- range $label, $_ := $labels -}}
{{- $ours := list "app.kubernetes.io/name" "app.kubernetes.io/instance" -}}
{{- if eq $value "commonLabels" -}}
{{- $ours = concat $ours (list "app.kubernetes.io/version" "app.kubernetes.io/managed-by" "helm.sh/chart") -}}
{{- end -}}
{{- if has $label $ours -}}
{{- fail (printf "%s: the chart sets %s; leave it out" $value $label) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range .Values.volumes -}}
{{- if has .name (list "keys" "config" "ca" "web") -}}
{{- fail (printf "volumes: the chart has a volume %q of its own; take another name" .name) -}}
{{- end -}}
{{- end -}}
{{- range .Values.env -}}
{{- if hasPrefix "EMPIRICAL_EXPORTER_" (default "" .name) -}}
{{- fail (printf "env: %s is a flag of the exporter; set it in flags" .name) -}}
{{- end -}}
{{- if and (has (upper (default "" .name)) (list "HTTPS_PROXY" "HTTP_PROXY" "NO_PROXY")) (or $.Values.proxy.url $.Values.proxy.existingSecret $.Values.proxy.noProxy) -}}
{{- fail (printf "env: %s is there, and so is proxy; set one of them" .name) -}}
{{- end -}}
{{- if and (eq (default "" .name) "SSL_CERT_FILE") (or $.Values.privateCA.configMap $.Values.privateCA.secret) -}}
{{- fail "env: SSL_CERT_FILE is there, and so is privateCA; set one of them" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Fails where one thing comes from two places. */}}
{{- define "empirical-exporter.checkSources" -}}
{{- if and .Values.proxy.url .Values.proxy.existingSecret -}}
{{- fail "proxy: set url or existingSecret, not both" -}}
{{- end -}}
{{- if and (or .Values.web.tls .Values.web.basicAuth.existingSecret) (not .Values.web.existingSecret) -}}
{{- fail "web: name a Secret with web.yml in existingSecret; without one the exporter has neither TLS nor basic authentication" -}}
{{- end -}}
{{- if and .Values.serviceMonitor.tlsConfig (not .Values.web.tls) -}}
{{- fail "serviceMonitor.tlsConfig: without web.tls the exporter is scraped over HTTP" -}}
{{- end -}}
{{- if and .Values.privateCA.configMap .Values.privateCA.secret -}}
{{- fail "privateCA: set configMap or secret, not both" -}}
{{- end -}}
{{- end -}}

{{/* Fails where the exporter would refuse its windows. */}}
{{- define "empirical-exporter.checkFlags" -}}
{{- range $group, $names := .Values.flags -}}
{{- if kindIs "map" $names -}}
{{- range $name, $_ := $names -}}
{{- fail (printf "flags: the dot belongs to the name of the flag %[1]s.%[2]s: write --set-string 'flags.%[1]s\\.%[2]s=…', or in a file `%[1]s.%[2]s: …` below flags" $group $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $lookback := index .Values.flags "runs.lookback" -}}
{{- $windows := index .Values.flags "runs.window" -}}
{{- if and $lookback $windows -}}
{{- range ternary $windows (list $windows) (kindIs "slice" $windows) -}}
{{- if gt (include "empirical-exporter.milliseconds" . | int64) (include "empirical-exporter.milliseconds" $lookback | int64) -}}
{{- fail (printf "flags: the runs.window %s is longer than the runs.lookback %s" . $lookback) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A duration, as Prometheus spells it, in milliseconds. */}}
{{- define "empirical-exporter.milliseconds" -}}
{{- $units := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 "d" 86400000 "w" 604800000 "y" 31536000000 -}}
{{- $total := 0 -}}
{{- range regexFindAll "[0-9]+(ms|[smhdwy])" . -1 -}}
{{- $total = add $total (mul (regexFind "^[0-9]+" . | int64) (get $units (regexFind "[a-z]+$" .))) -}}
{{- end -}}
{{- $total -}}
{{- end -}}
