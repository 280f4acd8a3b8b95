// Package history keeps the runs of one API key: it reads them from the API and
// holds them. It knows nothing of metrics.
//
// A [History] is brought up to date in two steps. [History.Refresh] and
// [History.Resync] read what is needed into a [Batch] and change nothing.
// [History.Apply] takes the batch over at once, and returns the runs that it
// has now seen to finish. [History.View] shows what is held at one moment.
//
// Runs are read in one of two ways (see reader). By item (byitem.go): each item
// carries its state. By list (bylist.go): it does not, and the state is that of
// the filtered list that shows the item.
package history
