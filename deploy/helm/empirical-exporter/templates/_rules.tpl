{{/* The rule groups of files/rules with the values of prometheusRule, as YAML. */}}
{{- define "empirical-exporter.ruleGroups" -}}
{{- $values := .Values.prometheusRule }}
{{- $known := dict }}
{{- range $path, $_ := .Files.Glob "files/rules/*.yml" }}
{{- $text := $.Files.Get $path }}
{{- if and $values.settings (eq (base $path) "settings.yml") }}
{{- $text = $values.settings }}
{{- end }}
{{- template "empirical-exporter.ruleFile" (dict "values" $values "known" $known "text" $text "name" (base $path)) }}
{{- end }}
{{- with $values.overrides }}
{{- template "empirical-exporter.ruleFile" (dict "values" $values "known" $known "text" . "name" "overrides") }}
{{- end }}
{{- with $values.disabled }}
{{- $rules := list }}
{{- range . }}
{{- if not (hasKey $known .) }}
{{- fail (printf "prometheusRule.disabled: there is no alert %s" .) }}
{{- end }}
{{- $rules = append $rules (dict "record" "empirical:alert:disabled" "expr" "1" "labels" (dict "alert" .)) }}
{{- end }}
{{ list (dict "name" "empirical_disabled" "rules" $rules) | toYaml }}
{{- end }}
{{- range $name, $_ := $values.thresholds }}
{{- if not (hasKey $known (printf "empirical:threshold:%s" $name)) }}
{{- fail (printf "prometheusRule.thresholds: settings.yml has no threshold %s" $name) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The groups of one file: text, in the file called name. Names of rules are put into known. */}}
{{- define "empirical-exporter.ruleFile" -}}
{{- $file := fromYaml .text }}
{{- if not $file.groups }}
{{- fail (printf "%s: not a rule file with groups: %s" .name (default "no groups" $file.Error)) }}
{{- end }}
{{- range $group := $file.groups }}
{{- $rules := list }}
{{- range $rule := $group.rules }}
{{- $_ := set $.known (default $rule.record $rule.alert) true }}
{{- if has $rule.alert $.values.disabled }}
{{- continue }}
{{- end }}
{{- if $rule.alert }}
{{- $_ := set $rule "labels" (mergeOverwrite (deepCopy $.values.alertLabels) (default dict $rule.labels)) }}
{{- with $.values.runbookUrl }}
{{- $_ := set $rule.annotations "runbook_url" (printf "%s#%s" . (lower $rule.alert)) }}
{{- end }}
{{- else }}
{{- $name := trimPrefix "empirical:threshold:" $rule.record }}
{{- if and (hasPrefix "empirical:threshold:" $rule.record) (not $rule.labels) (hasKey $.values.thresholds $name) }}
{{- $_ := set $rule "expr" (index $.values.thresholds $name | toString) }}
{{- end }}
{{- if and (eq $rule.record "empirical:setting:grafana_url") $.values.dashboardUrl }}
{{- $_ := set $rule.labels "url" (trimSuffix "/" $.values.dashboardUrl) }}
{{- end }}
{{- end }}
{{- $rules = append $rules $rule }}
{{- end }}
{{- if $rules }}
{{- $_ := set $group "rules" $rules }}
{{ list $group | toYaml }}
{{- end }}
{{- end }}
{{- end }}
