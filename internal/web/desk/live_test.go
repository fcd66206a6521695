package desk_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/identity"
	"minqing/internal/web"
)

// await reads a stream until a line holds the text.
func await(t *testing.T, lines *bufio.Scanner, text string) {
	t.Helper()
	for lines.Scan() {
		if strings.Contains(lines.Text(), text) {
			return
		}
	}
	t.Fatalf("the stream ended before it said %q: %v", text, lines.Err())
}

func TestTheOthersAtACaseAreSeenTypedAndDone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		ctx, stop := context.WithCancel(t.Context())
		watched := make(chan struct{})
		go func() { o.bulk.WatchLive(ctx); close(watched) }()
		handler := o.as("handler@CG03")
		no := o.file().CaseNo
		o.walk(no, cases.Handling, handler)
		_, version := o.status(no)
		at := "/desk/cases/" + no + "/live"
		require.Contains(t, o.get("/desk/cases/"+no).Body.String(), `data-live="`+at+`"`)
		require.Equal(t, 422, o.get(at).Code)
		s := httptest.NewUnstartedServer(nil)
		s.Config = web.NewServer(o.handler)
		s.Start()
		defer s.Close()
		open := func() (*http.Response, *bufio.Scanner) {
			r, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+at+"?lang=en&version="+strconv.FormatInt(version, 10), nil)
			require.NoError(t, err)
			got, err := s.Client().Do(r)
			require.NoError(t, err)
			t.Cleanup(func() { got.Body.Close() })
			return got, bufio.NewScanner(got.Body)
		}
		o.as("head@CG03")
		got, first := open()
		require.Equal(t, 200, got.StatusCode)
		require.Contains(t, got.Header.Get("Content-Type"), "text/event-stream")
		await(t, first, "retry:")
		o.as("handler@CG03")
		mine, second := open()
		await(t, second, "has this case open too")
		await(t, first, "has this case open too")
		require.Equal(t, 204, o.ask("POST", "/desk/cases/"+no+"/drafts", url.Values{"action": {"note"}, "note.text": {"寫到一半"}}).Code)
		await(t, first, "is typing")
		require.Equal(t, 303, o.ask("POST", "/desk/cases/"+no, url.Values{"action": {"note"}, "version": {strconv.FormatInt(version, 10)}, "note.text": {"寫完了"}}).Code)
		await(t, first, "Internal note")
		_, err := o.cases.Act(o.system(), no, 0, cases.Note{Text: "經程式介接加註。"})
		require.NoError(t, err)
		await(t, first, "changed since you opened it") // whichever way it came
		require.NoError(t, mine.Body.Close())
		await(t, first, "data: []")
		third := o.as("handler@CG03")
		got, last := open()
		await(t, last, "retry:")
		o.away.Store(third, true)
		for last.Scan() { // ends within seconds, long before its time
		}
		require.NoError(t, last.Err())
		require.NoError(t, got.Body.Close())
		o.as("head@CG02")
		require.Equal(t, 404, o.get(at+"?version=1").Code, "who may not read the case hears nothing of it")
		stop()
		<-watched
		for first.Scan() { // ends
		}
		require.NoError(t, first.Err(), "a stop ends the stream in good order")
	})
}

func TestAStreamNamesNobodyWhoAsks(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	handler := o.as("handler@CG03")
	no := o.file().CaseNo
	o.walk(no, cases.Handling, handler)
	id, err := o.identity.CreateCitizen(o.system(), identity.NewAccount{Email: "lin@home.test", Name: "林小滿", Password: "Long-enough-citizen-2026"})
	require.NoError(t, err)
	citizen := actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: id})
	_, err = o.cases.Say(citizen, cases.Key{CaseNo: no, QueryCode: o.code(no)}, "第三盞，謝謝")
	require.NoError(t, err)
	s := httptest.NewServer(o.handler)
	defer s.Close()
	got, err := s.Client().Get(s.URL + "/desk/cases/" + no + "/live?lang=en&version=1")
	require.NoError(t, err)
	defer got.Body.Close()
	for lines := bufio.NewScanner(got.Body); lines.Scan(); {
		require.NotContains(t, lines.Text(), "林小滿")
		if strings.Contains(lines.Text(), "since you opened") {
			return
		}
	}
	t.Fatal("the stream says nothing")
}
