package apitest

// text stands for a string in a project's texts.
type text uint32

// noText stands for a text that is not given.
const noText text = 0

// texts keeps each string of a project once: runs share branches, environments
// and commits.
type texts struct {
	strings []*string
	numbers map[string]text
}

func newTexts() *texts {
	return &texts{strings: []*string{new("")}, numbers: map[string]text{}}
}

func (t *texts) keep(s string) text {
	if n, ok := t.numbers[s]; ok {
		return n
	}
	n := text(len(t.strings))
	t.strings = append(t.strings, &s)
	t.numbers[s] = n
	return n
}

// find returns the number of a text, if any run has ever had it.
func (t *texts) find(s string) (text, bool) {
	n, ok := t.numbers[s]
	return n, ok
}

func (t *texts) text(n text) string     { return *t.strings[n] }
func (t *texts) pointer(n text) *string { return t.strings[n] }
