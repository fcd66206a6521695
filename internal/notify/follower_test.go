package notify_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/notify"
)

// follower stands for the package of published questions.
type follower struct {
	notify.Follower
	gone    bool
	bounced string
}

func (f *follower) FollowerBounced(_ context.Context, id string) error {
	f.bounced = id
	return nil
}

type followers struct{ *follower }

func (f followers) Follower(context.Context, notify.Kind, string) (notify.Follower, error) {
	if f.gone {
		return notify.Follower{}, fault.New(fault.NotFound, "voices.follow.link")
	}
	return f.follower.Follower, nil
}

func TestAFollowerCanStopEveryMailWithOneClick(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := newMailpit(t)
		b := newBench(t, d, m.transport(t))
		one := &follower{}
		b.Followers = followers{one}
		b.start(t)
		id := db.NewID(time.Now())
		for _, lang := range i18n.Langs {
			for _, kind := range notify.FollowKinds {
				one.Follower = notify.Follower{Locale: string(lang), Mail: string(kind) + "-" + string(lang) + "-" + string(d.Engine()) + "@example.org",
					VaultKeyID: b.contact.VaultKeyID, Title: "路燈不亮", LinkPath: "/voices/1", StopPath: "/voices/stop/1.X"}
				if kind == notify.FollowConfirm {
					one.StopPath = ""
				}
				told := notify.Telling{Kind: kind, About: id, Cause: b.cause()}
				require.NoError(t, b.Tell(t.Context(), told))
				require.NoError(t, b.Tell(t.Context(), told), "told twice, sent once")
				require.Eventually(t, func() bool { return len(m.letters(t, one.Mail)) > 0 }, 20*time.Second, 20*time.Millisecond)
				list := m.letters(t, one.Mail)
				require.Len(t, list, 1)
				for _, body := range []string{list[0].Subject, list[0].Text, list[0].HTML} {
					require.NotContains(t, body, "notify.")
				}
				require.Contains(t, list[0].Text, "路燈不亮")
				require.Contains(t, list[0].HTML, "https://portal.example.org/voices/1")
				var headers map[string][]string
				m.get(t, "/api/v1/message/"+list[0].ID+"/headers", &headers)
				if kind == notify.FollowConfirm {
					require.NotContains(t, headers, "List-Unsubscribe")
					continue
				}
				require.Equal(t, []string{"<https://portal.example.org/voices/stop/1.X>"}, headers["List-Unsubscribe"])
				require.Equal(t, []string{"List-Unsubscribe=One-Click"}, headers["List-Unsubscribe-Post"])
				require.Contains(t, list[0].Text, "https://portal.example.org/voices/stop/1.X")
			}
		}
		var sent string
		require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM deliveries WHERE about_id = ? ORDER BY id DESC LIMIT 1", id).Scan(&sent).Error)
		require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error {
			known, err := b.Bounced(ctx, sent, "5.1.1", true)
			require.True(t, known)
			return err
		}))
		require.Equal(t, id, one.bounced)
		one.gone = true
		require.NoError(t, b.Tell(t.Context(), notify.Telling{Kind: notify.FollowReplied, About: id, Cause: b.cause()}), "who follows no more")
	})
}
