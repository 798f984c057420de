package ask

import (
	"context"
	"errors"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// employmentRate is question 21.
func employmentRate() Question {
	return Question{
		Number: 21, Name: "employment-rate", Title: domain.Text{ZH: "按另一定义的就业率", EN: "The employment rate under another definition"},
		Meaning: domain.Text{
			ZH: "同样的数据按两个参数集判定：parameters 所指的（默认现行的）与 with 所指的（默认现行的）。一户一就业率是有劳动力的户中一户一就业的占比；列出两者判定不同的户。参数集见 anju views。",
			EN: "The same data judged by two parameter sets: the one that `parameters` names, and the one that `with` names, each by default the one in force. The rate is the share of labour households that are employed; the households judged differently are listed. anju views tells of sets.",
		},
		Options: []Option{inDivision(), {Name: "with", Kind: SetOption, Title: domain.Text{ZH: "与之比较的参数集", EN: "the parameter set that it is compared with"}}},
		Summary: []Column{
			column("parameters", Words, "参数集", "parameter set"), column("labour_households", Count, "有劳动力的户", "labour households"),
			column("employed", Count, "一户一就业", "employed"), column("rate", Percent, "就业率", "rate"),
		},
		Columns: []Column{
			householdColumn(), column("employed", Level, "一户一就业", "employed"), column("employed_with", Level, "按另一参数集", "by the other set"),
			column("employment", Level, "就业", "employment"), column("employment_with", Level, "按另一参数集", "by the other set"),
		},
		answer: answerRate,
	}
}

func answerRate(ctx context.Context, a *asked) error {
	other := a.Known.InForce()
	if name := a.Options["with"]; name != "" {
		var err error
		var unknown *projections.SetRefusal
		if other, err = a.Known.Under(name); errors.As(err, &unknown) {
			return &Refused{domain.Refusal{Field: "with", Value: domain.Shown(name), Kind: domain.UnknownCode, Rule: unknown.Rule, Fix: unknown.Fix}}
		} else if err != nil {
			return err
		}
	}
	by := [2]map[domain.Entity]domain.Word{}
	for i, known := range []*projections.Known{a.Known, other} {
		words, err := a.words(ctx, projections.Side{Known: known, At: a.At})
		if err != nil {
			return err
		}
		by[i] = words
		labour, employed := 0, 0
		for _, w := range words {
			if w.Counted() && w.Labour() {
				labour++
			}
			if w.Counted() && w.Employed() {
				employed++
			}
		}
		if i == 0 || known.Parameters().Name != a.Known.Parameters().Name {
			a.sum(plain(known.Parameters().Name), count(labour), count(employed), share(employed, labour))
		}
	}
	for id, w := range by[0] {
		if o := by[1][id]; w.Counted() && w.Employed() != o.Employed() {
			a.add(nil, entity(id), yesNo(w.Employed()), yesNo(o.Employed()), level(domain.Employment, w.Level(domain.Employment)), level(domain.Employment, o.Level(domain.Employment)))
		}
	}
	a.sort(1, true)
	return nil
}
