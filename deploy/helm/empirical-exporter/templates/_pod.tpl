{{/* What the exporter's pod and the pod of the test have in common. */}}
{{- define "empirical-exporter.volumeMounts" -}}
{{- if include "empirical-exporter.keysSecret" . }}
- name: keys
  mountPath: /etc/empirical_exporter/keys
  readOnly: true
{{- end }}
{{- if .Values.config.projects }}
# The directory, not the file with subPath: that would never be updated.
- name: config
  mountPath: /etc/empirical_exporter/config
  readOnly: true
{{- end }}
{{- if or .Values.privateCA.configMap .Values.privateCA.secret }}
- name: ca
  mountPath: /etc/empirical_exporter/ca
  readOnly: true
{{- end }}
{{- if .Values.web.existingSecret }}
- name: web
  mountPath: /etc/empirical_exporter/web
  readOnly: true
{{- end }}
{{- with .Values.volumeMounts }}
{{- toYaml . | nindent 0 }}
{{- end }}
{{- end -}}

{{- define "empirical-exporter.volumes" -}}
{{- with include "empirical-exporter.keysSecret" . }}
- name: keys
  secret:
    secretName: {{ . }}
    defaultMode: 0440
    {{- with include "empirical-exporter.keyNames" $ | fromJsonArray }}
    items:
      {{- range . }}
      - key: {{ . | quote }}
        path: {{ . | quote }}
      {{- end }}
    {{- end }}
{{- end }}
{{- if .Values.config.projects }}
- name: config
  configMap:
    name: {{ include "empirical-exporter.fullname" . }}-config
{{- end }}
{{- with .Values.privateCA.configMap }}
- name: ca
  configMap:
    name: {{ . }}
{{- end }}
{{- with .Values.privateCA.secret }}
- name: ca
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- with .Values.web.existingSecret }}
- name: web
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- with .Values.volumes }}
{{- toYaml . | nindent 0 }}
{{- end }}
{{- end -}}

{{- define "empirical-exporter.env" -}}
{{- with .Values.proxy }}
{{- if .url }}
- name: HTTPS_PROXY
  value: {{ .url | quote }}
- name: HTTP_PROXY
  value: {{ .url | quote }}
{{- else if .existingSecret }}
- name: HTTPS_PROXY
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret }}
      key: url
- name: HTTP_PROXY
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret }}
      key: url
{{- end }}
{{- with .noProxy }}
- name: NO_PROXY
  value: {{ . | quote }}
{{- end }}
{{- end }}
{{- if or .Values.privateCA.configMap .Values.privateCA.secret }}
- name: SSL_CERT_FILE
  value: {{ printf "/etc/empirical_exporter/ca/%s" .Values.privateCA.key | quote }}
{{- end }}
{{- with .Values.env }}
{{- toYaml . | nindent 0 }}
{{- end }}
{{- end -}}

{{/* A probe of a path, given as a list of the top scope and the path. */}}
{{- define "empirical-exporter.probe" -}}
{{- $web := (first .).Values.web -}}
{{- if $web.basicAuth.existingSecret }}
tcpSocket:
  port: metrics
{{- else }}
httpGet:
  path: {{ last . }}
  port: metrics
  {{- if $web.tls }}
  scheme: HTTPS
  {{- end }}
{{- end }}
{{- end -}}
