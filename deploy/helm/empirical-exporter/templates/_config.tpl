{{/* The configuration file: projects as in the values, but each key as the path of its file. */}}
{{- define "empirical-exporter.configFile" -}}
{{- $projects := list -}}
{{- range .Values.config.projects -}}
{{- $project := omit . "key" -}}
{{- if not (or .key_file .key_dir) -}}
{{- $_ := set $project "key_file" (printf "/etc/empirical_exporter/keys/%s" (default .name .key)) -}}
{{- end -}}
{{- $projects = append $projects $project -}}
{{- end -}}
{{- with .Values.config.defaults -}}
{{- dict "defaults" . | toYaml }}
{{ end -}}
{{- dict "projects" $projects | toYaml -}}
{{- end -}}

{{/* Fails where projects are right one by one and wrong together. */}}
{{- define "empirical-exporter.checkConfig" -}}
{{- if and .Values.config.defaults (not .Values.config.projects) -}}
{{- fail "config.defaults: there are no config.projects that they hold for" -}}
{{- end -}}
{{- if and .Values.config.projects .Values.apiKeys.names -}}
{{- fail "apiKeys.names: leave it out beside config.projects; each project names its entry of the Secret with key" -}}
{{- end -}}
{{- $names := list -}}
{{- $keys := list -}}
{{- $dirs := list -}}
{{- range $i, $project := .Values.config.projects -}}
{{- $at := printf "config.projects[%d]" $i -}}
{{- $ways := len (without (list .key .key_file .key_dir) nil "") -}}
{{- if gt $ways 1 -}}
{{- fail (printf "%s: more than one of key, key_file and key_dir; write one" $at) -}}
{{- else if .key_dir -}}
{{- if .name -}}
{{- fail (printf "%s.name: stands beside key_dir; leave it out, for the files in the directory name the projects" $at) -}}
{{- end -}}
{{- $dirs = append $dirs (clean .key_dir) -}}
{{- else -}}
{{- if not (or .name $ways) -}}
{{- fail (printf "%s: no key; write name, key, key_file or key_dir" $at) -}}
{{- end -}}
{{- $name := default (regexReplaceAll "(.)[.][^.]*$" (base (coalesce .key .key_file .name)) "${1}") .name -}}
{{- if has $name $names -}}
{{- fail (printf "%s: the name %q is that of another project; give each a name of its own" $at $name) -}}
{{- end -}}
{{- $names = append $names $name -}}
{{- if not .key_file -}}
{{- $keys = append $keys (default .name .key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- include "empirical-exporter.checkEntries" (dict "root" . "keys" $keys "dirs" $dirs) -}}
{{- end -}}

{{/* Fails where an entry of the Secret cannot be there, or where nobody reads one. */}}
{{- define "empirical-exporter.checkEntries" -}}
{{- $values := .root.Values.apiKeys.values -}}
{{- if and .keys (has "/etc/empirical_exporter/keys" .dirs) -}}
{{- fail (printf "config.projects: the entry %q is a project of its own, and of key_dir /etc/empirical_exporter/keys too; write a project for each entry, or key_dir alone" (first .keys)) -}}
{{- end -}}
{{- range .keys -}}
{{- if not (include "empirical-exporter.keysSecret" $.root) -}}
{{- fail (printf "config.projects: the key %q is an entry of a Secret; name it in apiKeys.existingSecret, or write key_file" .) -}}
{{- else if not (regexMatch "^[-._a-zA-Z0-9]+$" .) -}}
{{- fail (printf "config.projects: the name %q cannot be that of an entry of a Secret; write the entry's name as key" .) -}}
{{- else if and $values (not (hasKey $values .)) -}}
{{- fail (printf "config.projects: the key %q is missing in apiKeys.values" .) -}}
{{- end -}}
{{- end -}}
{{- if and .root.Values.config.projects (not (has "/etc/empirical_exporter/keys" .dirs)) -}}
{{- range $name, $_ := $values -}}
{{- if not (has $name $.keys) -}}
{{- fail (printf "apiKeys.values: no project has the key %q; add it to config.projects" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
