{{/* The rule groups of files/rules with the values of prometheusRule, as YAML. */}}
{{- define "empirical-exporter.ruleGroups" -}}
{{- include "empirical-exporter.checkAlertLabels" . }}
{{- $values := .Values.prometheusRule }}
{{- $settings := ternary "prometheusRule.settings" "settings.yml" (not (empty $values.settings)) }}
{{- $known := dict "groups" (dict "empirical_disabled" "the chart") "alerts" (dict) "applied" (dict) }}
{{- range $path, $_ := .Files.Glob "files/rules/*.yml" }}
{{- $file := dict "values" $values "known" $known "kind" "alerts" "name" (base $path) "text" ($.Files.Get $path) }}
{{- if eq $file.name "settings.yml" }}
{{- $file = merge (dict "kind" "settings" "name" $settings "text" (default $file.text $values.settings)) $file }}
{{- end }}
{{- template "empirical-exporter.ruleFile" $file }}
{{- end }}
{{- with $values.overrides }}
{{- template "empirical-exporter.ruleFile" (dict "values" $values "known" $known "kind" "overrides" "name" "prometheusRule.overrides" "text" .) }}
{{- end }}
{{- with $values.disabled }}
{{- $rules := list }}
{{- range . }}
{{- if not (hasKey $known.alerts .) }}
{{- fail (printf "prometheusRule.disabled: there is no alert %s" .) }}
{{- end }}
{{- $rules = append $rules (dict "record" "empirical:alert:disabled" "expr" "1" "labels" (dict "alert" .)) }}
{{- end }}
{{ list (dict "name" "empirical_disabled" "rules" $rules) | toYaml }}
{{- end }}
{{- range $name, $_ := $values.thresholds }}
{{- if not (hasKey $known.applied (printf "thresholds.%s" $name)) }}
{{- fail (printf "prometheusRule.thresholds: %s has no threshold %s for all projects" $settings $name) }}
{{- end }}
{{- end }}
{{- if and $values.dashboardUrl (not (hasKey $known.applied "dashboardUrl")) }}
{{- fail (printf "prometheusRule.dashboardUrl: %s has no empirical:setting:grafana_url to put it into; add the one of the chart's settings.yml" $settings) }}
{{- end }}
{{- end }}

{{/*
The groups of one file. kind is alerts for files of the chart, settings, or overrides. known
collects groups by their names, alerts of the chart, and values that have found their rule.
*/}}
{{- define "empirical-exporter.ruleFile" -}}
{{- $file := fromYaml .text }}
{{- if not (and $file.groups (kindIs "slice" $file.groups)) }}
{{- fail (printf "%s: not a rule file with groups: %s" .name (default "no list of groups" $file.Error)) }}
{{- end }}
{{- range $index, $group := $file.groups }}
{{- if not (and (kindIs "map" $group) $group.name (kindIs "slice" (default list $group.rules))) }}
{{- fail (printf "%s: groups[%d] must have a name and a list of rules" $.name $index) }}
{{- end }}
{{- $texts := omit $group "rules" "limit" }}
{{- template "empirical-exporter.ruleTexts" (dict "name" $.name "text" $.text "of" $texts) }}
{{- $group = merge $texts $group }}
{{- with get $.known.groups $group.name }}
{{- fail (printf "prometheusRule: %s and %s both have a group called %s; give yours another name" . $.name $group.name) }}
{{- end }}
{{- $_ := set $.known.groups $group.name $.name }}
{{- $rules := list }}
{{- range $number, $rule := $group.rules }}
{{- template "empirical-exporter.ruleCheck" (dict "name" $.name "text" $.text "rule" $rule "where" (printf "rules[%d] of the group %s" $number $group.name)) }}
{{- if and (eq $.kind "alerts") $rule.alert }}
{{- $_ := set $.known.alerts $rule.alert true }}
{{- if has $rule.alert $.values.disabled }}
{{- continue }}
{{- end }}
{{- template "empirical-exporter.ruleAlert" (dict "values" $.values "rule" $rule) }}
{{- else if and (ne $.kind "alerts") $rule.record }}
{{- template "empirical-exporter.ruleSetting" (merge (dict "rule" $rule) $) }}
{{- end }}
{{- $rules = append $rules $rule }}
{{- end }}
{{- if $rules }}
{{- $_ := set $group "rules" $rules }}
{{ list $group | toYaml }}
{{- end }}
{{- end }}
{{- end }}

{{/* Fails unless rule is one, and makes texts of its values. */}}
{{- define "empirical-exporter.ruleCheck" -}}
{{- if not (kindIs "map" .rule) }}
{{- fail (printf "%s: %s must have expr, and record or alert" .name .where) }}
{{- end }}
{{- template "empirical-exporter.ruleTexts" (dict "name" .name "text" .text "of" .rule) }}
{{- if or (not .rule.expr) (eq (empty .rule.record) (empty .rule.alert)) }}
{{- fail (printf "%s: %s must have expr, and record or alert" .name .where) }}
{{- end }}
{{- if not (kindIs "map" (default dict .rule.labels)) }}
{{- fail (printf "%s: the labels of %s must be names with values" .name .where) }}
{{- end }}
{{- end }}

{{/*
Makes texts of the numbers in a map, and in the maps in it, as Prometheus does. Where YAML has
changed what is written in the file, as 007 into 7 or no into false, quotes are needed.
*/}}
{{- define "empirical-exporter.ruleTexts" -}}
{{- range $key, $value := .of }}
{{- if kindIs "invalid" $value }}
{{- $_ := unset $.of $key }}
{{- else if kindIs "map" $value }}
{{- template "empirical-exporter.ruleTexts" (dict "name" $.name "text" $.text "of" $value) }}
{{- else if not (kindIs "string" $value) }}
{{- $text := toJson $value }}
{{- $written := printf `(^|[\s{,])["']?%s["']?\s*:\s*%s\s*([\n,}#]|$)` (regexQuoteMeta $key) (regexQuoteMeta $text) }}
{{- if or (kindIs "slice" $value) (not (or (regexMatch $written $.text) (and (eq $key "expr") (kindIs "float64" $value)))) }}
{{- fail (printf "%s: YAML reads the value of %s as %s; put it into quotes" $.name $key $text) }}
{{- end }}
{{- $_ := set $.of $key $text }}
{{- end }}
{{- end }}
{{- end }}

{{/* Changes an alert of the chart by alertLabels and runbookUrl. */}}
{{- define "empirical-exporter.ruleAlert" -}}
{{- $_ := set .rule "labels" (merge .rule.labels .values.alertLabels) }}
{{- with .values.runbookUrl }}
{{- $_ := set $.rule.annotations "runbook_url" (printf "%s#%s" (trimSuffix "#" .) (lower $.rule.alert)) }}
{{- end }}
{{- end }}

{{/* Changes a setting by thresholds or dashboardUrl. Fails where it would win over them. */}}
{{- define "empirical-exporter.ruleSetting" -}}
{{- $labels := default dict .rule.labels }}
{{- $value := "" }}
{{- $threshold := trimPrefix "empirical:threshold:" .rule.record }}
{{- if and (ne $threshold .rule.record) (hasKey .values.thresholds $threshold) (not (or $labels.project $labels.branch $labels.environment)) }}
{{- $value = printf "thresholds.%s" $threshold }}
{{- else if and (eq .rule.record "empirical:setting:grafana_url") .values.dashboardUrl }}
{{- $value = "dashboardUrl" }}
{{- end }}
{{- if and $value (or $labels.scope (eq .kind "overrides")) }}
{{- fail (printf "prometheusRule.%s and %s, with %s, both hold for all projects; leave one out" $value .name .rule.record) }}
{{- end }}
{{- if eq $value "dashboardUrl" }}
{{- $_ := set .rule "labels" (mergeOverwrite $labels (dict "url" (trimSuffix "/" .values.dashboardUrl))) }}
{{- else if $value }}
{{- $_ := set .rule "expr" (get .values.thresholds $threshold) }}
{{- end }}
{{- $_ := set .known.applied $value true }}
{{- end }}

{{/* Fails where a label of alertLabels would replace one that alerts have, or would be a template. */}}
{{- define "empirical-exporter.checkAlertLabels" -}}
{{- $own := list "alertname" "alertstate" "severity" "project" "team" "branch" "environment" "key" "state" "error_code" "reason" "setting" }}
{{- $target := list "job" "instance" "namespace" "cluster" "service" "pod" "container" "endpoint" }}
{{- $taken := list }}
{{- range $label, $text := .Values.prometheusRule.alertLabels }}
{{- if has $label (concat $own $target) }}
{{- $taken = append $taken $label }}
{{- end }}
{{- if contains "{{" $text }}
{{- fail (printf "prometheusRule.alertLabels: the value of %s must be plain text, without {{" $label) }}
{{- end }}
{{- end }}
{{- if $taken }}
{{- fail (printf "prometheusRule.alertLabels: alerts have labels of their own called %s; take other names" (join ", " $taken)) }}
{{- end }}
{{- end }}
