package deploytest

import (
	"maps"
	"slices"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
)

// TestSelectors checks the way of a scrape: the ServiceMonitor selects the
// Service, the Service the pods, and the policies select the same pods.
func TestSelectors(t *testing.T) {
	objects := render(t, chartValues("everything"))
	deployment := one[*apps.Deployment](t, objects)
	pods := deployment.Spec.Template.Labels
	service := one[*core.Service](t, objects)
	for name, object := range map[string]struct{ selector, labels map[string]string }{
		"Deployment":          {deployment.Spec.Selector.MatchLabels, pods},
		"Service":             {service.Spec.Selector, pods},
		"ServiceMonitor":      {one[*monitoring.ServiceMonitor](t, objects).Spec.Selector.MatchLabels, service.Labels},
		"NetworkPolicy":       {one[*networking.NetworkPolicy](t, objects).Spec.PodSelector.MatchLabels, pods},
		"PodDisruptionBudget": {one[*policy.PodDisruptionBudget](t, objects).Spec.Selector.MatchLabels, pods},
	} {
		if len(object.selector) == 0 || !contains(object.labels, object.selector) {
			t.Errorf("%s selects %v, but the labels are %v", name, object.selector, object.labels)
		}
	}
}

// contains reports whether labels has every label of selector.
func contains(labels, selector map[string]string) bool {
	both := maps.Clone(labels)
	maps.Copy(both, selector)
	return maps.Equal(both, labels)
}

func TestServiceMonitor(t *testing.T) {
	monitor := one[*monitoring.ServiceMonitor](t, render(t, chartValues("operator")))
	endpoint := monitor.Spec.Endpoints[0]
	if endpoint.Port != "metrics" || endpoint.Interval != "30s" || endpoint.ScrapeTimeout != "25s" {
		t.Errorf("endpoint %+v", endpoint)
	}
	if endpoint.HonorLabels {
		t.Error("honorLabels is set: it would let the exporter's labels overwrite the target's")
	}
	if monitor.Labels["release"] != "kube-prometheus-stack" {
		t.Errorf("labels %v", monitor.Labels)
	}
	if monitor.Spec.ScrapeProtocols[0] != monitoring.PrometheusProto || !*monitor.Spec.ScrapeNativeHistograms {
		t.Errorf("native histograms need protobuf first, got %v", monitor.Spec.ScrapeProtocols)
	}
}

func TestNetworkPolicy(t *testing.T) {
	open := one[*networking.NetworkPolicy](t, render(t, chartValues("minimal")))
	if from := open.Spec.Ingress[0].From; len(from) != 1 || from[0].NamespaceSelector == nil || from[0].PodSelector != nil {
		t.Errorf("from %v, want every pod of the cluster", from)
	}
	closed := one[*networking.NetworkPolicy](t, render(t, chartValues("everything")))
	if from := closed.Spec.Ingress[0].From; len(from) != 1 || from[0].PodSelector == nil {
		t.Errorf("from %v, want the pods of the values", from)
	}
	var ports []int32
	for _, port := range closed.Spec.Egress[1].Ports {
		ports = append(ports, port.Port.IntVal)
	}
	if want := []int32{443, 3128, 10072}; !slices.Equal(ports, want) {
		t.Errorf("egress to ports %v, want %v: those of the values and that of api.url", ports, want)
	}
	if dns := open.Spec.Egress[0].Ports; len(dns) != 4 || dns[0].Port.IntVal != 53 || dns[2].Port.IntVal != 5353 {
		t.Errorf("DNS at %v, want 53, and 5353 for OpenShift", dns)
	}
}
