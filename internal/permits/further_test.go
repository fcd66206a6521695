package permits_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/permits"
)

// A notice may ask for what the list did not have: once, completely, and later only
// for what arises from new papers, or with the head's reason.
func TestANoticeAsksForFurtherMaterials(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler, head := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		id, no := w.apply(ming)
		asks := func(verdicts map[string]permits.Judgement, further ...permits.Further) permits.Examination {
			return permits.Examination{Verdicts: verdicts, Further: further, Due: w.clock().AddDate(0, 0, 10).Format(time.DateOnly)}
		}
		plan, lease := fine("plan", "lease"), fine("plan", "lease")
		plan["extra"] = permits.Judgement{Verdict: permits.Correct}
		_, err := w.Examine(handler, no, 0, asks(plan, permits.Further{Name: "結構計算書"}, permits.Further{Name: "平面圖", Reason: "x"}, permits.Further{Reason: "x"}, permits.Further{Name: "x", Reason: "x", From: "plan"}))
		require.Equal(t, []string{"reason.extra", "further.1.name", "further.1.reason", "further.2.name", "further.3.name", "further.4.from"}, wrongFields(t, err), "too many, and each as it is")
		plan["extra"] = permits.Judgement{Verdict: permits.Correct, Reason: "有夾層，請附說明。"}
		_, err = w.Examine(handler, no, 0, asks(plan, permits.Further{Name: "結構計算書", Reason: "夾層要計算。"}))
		require.NoError(t, err, "the first notice asks completely, without the head")

		o := w.own(ming, id)
		require.Equal(t, permits.Correcting, o.Application.State)
		require.Len(t, o.Open().Items, 2)
		require.Equal(t, []string{"extra", "further_1"}, []string{o.Items[2].Code, o.Items[3].Code})
		require.Equal(t, "夾層要計算。", o.Items[3].Asked)
		kind(t, fault.NotFound, attachErr(w, ming, id, "further_2"), "permit.material.missing")
		w.be(w.clock().AddDate(0, 0, 1))
		w.attach(ming, id, "extra", "說明")
		kind(t, fault.Invalid, w.Corrected(ming, id, o.Application.Version), "material.further_1")
		w.attach(ming, id, "further_1", "計算書")
		require.NoError(t, w.Corrected(ming, id, o.Application.Version))

		_, err = w.Examine(handler, no, 0, asks(lease))
		require.Equal(t, []string{"verdict.extra", "verdict.further_1"}, wrongFields(t, err))
		fineNow := fine("plan", "lease", "extra", "further_1")
		fireplan := permits.Further{Name: "防火圖", Reason: "計算書裡有新的樓梯。"}
		_, err = w.Examine(handler, no, 0, asks(fineNow, fireplan))
		kind(t, fault.Forbidden, err, "permit.again.head")
		_, err = w.Examine(head, no, 0, asks(fineNow, fireplan))
		kind(t, fault.Invalid, err, "again")
		fireplan.From = "lease"
		_, err = w.Examine(handler, no, 0, asks(fineNow, fireplan))
		kind(t, fault.Invalid, err, "further.1.from")
		p, err := w.Part(handler, no)
		require.NoError(t, err)
		require.Len(t, p.Since(), 2)
		fireplan.From = "further_1"
		_, err = w.Examine(handler, no, 0, asks(fineNow, fireplan))
		require.NoError(t, err, "it arises from what was sent since")
		o = w.own(ming, id)
		require.Empty(t, o.Open().AgainReason)
		require.Equal(t, "防火圖", o.Items[4].Name.In("zh-Hant"))
		w.be(w.clock().AddDate(0, 0, 1))
		w.attach(ming, id, "further_2", "圖")
		require.NoError(t, w.Corrected(ming, id, o.Application.Version))
		_, err = w.Examine(handler, no, 0, permits.Examination{Verdicts: fine("further_2")})
		require.NoError(t, err)
		require.Equal(t, permits.Accepted, w.own(ming, id).Application.State)
	})
}

func wrongFields(t *testing.T, err error) (names []string) {
	t.Helper()
	e, ok := fault.As(err)
	require.True(t, ok, "%v", err)
	for _, f := range e.Fields {
		names = append(names, f.Name)
	}
	return names
}
