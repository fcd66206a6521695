package app_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db/dbtest"
	"minqing/internal/identity"
)

// columns lists every column of the schema as "table.column".
func columns(t *testing.T) (all []string) {
	t.Helper()
	d := dbtest.New(t)
	err := d.From(t.Context()).Raw(`SELECT m.name || '.' || c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
 WHERE m.type = 'table' AND m.name NOT LIKE 'river_%' ORDER BY 1`).Scan(&all).Error
	require.NoError(t, err)
	require.NotEmpty(t, all)
	return all
}

// Whoever adds a ciphertext says under whose key it stands, or a change of that
// key would lose it.
func TestEveryCiphertextIsKnownToTheChangeOfKeys(t *testing.T) {
	h := open(t, dbtest.New(t), false)
	known := []string{"drafts.cipher", "act_drafts.cipher", "registrations.email_cipher", "registrations.name_cipher", "enterprise_claims.address_cipher", "enterprise_invitations.address_cipher", "file_uploads.name_cipher", "file_upload_parts.cipher"} // live a week at most, and are not changed
	for _, o := range h.Keys.Owners {
		for _, s := range o.Sealed {
			known = append(known, s.Table+"."+s.Column)
		}
	}
	for _, c := range columns(t) {
		if strings.HasSuffix(c, "cipher") && !slices.Contains(known, c) {
			t.Errorf("%s: name it in the KeyOwner of its package", c)
		}
	}
}

// Whoever adds a keyed hash that is looked up brings it along when keys change.
func TestEveryKeyedHashIsKnownToTheChangeOfKeys(t *testing.T) {
	known := []string{"contact_points.blind_index", "constituent_ids.blind_index", "constituents.name_index", "contact_points.match_index", "accounts.login_index", "external_identities.subject_index", "account_phones.phone_index", "voice_follows.address_index",
		"password_resets.login_index"} // which lives half an hour
	for _, c := range columns(t) {
		if strings.HasSuffix(c, "_index") && !slices.Contains(known, c) {
			t.Errorf("%s: bring it along in the Reindex of its package, and name it here", c)
		}
	}
}

// Whoever adds a table of accounts says what becomes of it when somebody is erased.
func TestEveryTableOfAccountsIsKnownToErasure(t *testing.T) {
	stays := []string{"audit_entries", "audit_reads", "case_events", "case_messages", "case_parties", // who did it, by id
		"grants", "grant_requests", "rule_changes", "imports", "access_alarms", // of staff
		"act_drafts", "bulk_runs", "callback_attempts", "campaign_versions", "constituent_notes", "message_texts", "permit_events", "prepared_text_versions", "saved_lists", "saved_list_defaults", "segment_fixed", "segment_versions", "discovered_runs", // of staff too
		"deliveries", "consents", "erasures", // without an address
		"file_uploads"} // a day at most
	for _, c := range columns(t) {
		table, column, _ := strings.Cut(c, ".")
		if column == "account_id" && !slices.Contains(stays, table) && !slices.Contains(identity.Hanging, table) {
			t.Errorf("%s: name the table in identity.Hanging, or here when it stays", c)
		}
	}
}
