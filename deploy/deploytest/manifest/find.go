package manifest

import "k8s.io/apimachinery/pkg/runtime"

// Of are the objects that have the type asked for.
func Of[T runtime.Object](objects []runtime.Object) []T {
	var found []T
	for _, object := range objects {
		if wanted, ok := object.(T); ok {
			found = append(found, wanted)
		}
	}
	return found
}
