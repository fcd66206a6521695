package campaign

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"

	"minqing/internal/outreach"
)

// Arm is what becomes of somebody in a campaign.
type Arm string

// The arms.
const (
	Told    Arm = "told"
	Held    Arm = "held"    // never written to, to compare with
	Delayed Arm = "delayed" // the law gives them what is offered: written to once the window is over
)

// Whoever is held back is compared with those who are told (P7 of docs/7p.md): a tenth of
// the members unless the campaign says otherwise, and never fewer than HoldLeast people. Where
// these would be more than HoldMost percent of the members, nobody is held back, and no uplift
// can be told.
const (
	HoldUsual = 10  // percent
	HoldMost  = 50  // percent
	HoldLeast = 200 // people

	// MembersLeast is how many members there have to be for anybody to be held back.
	MembersLeast = HoldLeast * 100 / HoldMost
)

// lot is somebody's place in a campaign, from 0 to below 1: the same however
// often it is asked for, another in each campaign, and told by nothing that is
// known of the person.
func lot(campaignID, constituentID string) float64 {
	sum := sha256.Sum256([]byte(campaignID + "|" + constituentID))
	return float64(binary.BigEndian.Uint64(sum[:8])>>11) / math.Exp2(53)
}

// Hold is what a campaign comes to, with so many members, in people who are held back or
// told later.
type Hold struct {
	People int64
	Raised bool // the share of the campaign would be fewer than HoldLeast
	Small  bool // some should be held back, and the members are too few for it
}

// HoldOf says how many of so many members are held back. Nobody is where danger threatens,
// where there is nothing to take up, where the campaign wants none, or where they are few.
func (c *Campaign) HoldOf(members int64) Hold {
	if c.HoldPercent == 0 || c.MatterID == nil || c.Basis == outreach.Urgent || c.Purpose == outreach.Notice {
		return Hold{}
	}
	if members < MembersLeast {
		return Hold{Small: true}
	}
	share := members * int64(c.HoldPercent) / 100
	return Hold{People: max(share, HoldLeast), Raised: share < HoldLeast}
}

// parted gives each of the members an arm, in their order: those whose lots are the lowest are
// held back, exactly as many as HoldOf says. What the law gives people is only delayed.
func (c *Campaign) parted(members []string) []Arm {
	type drawn struct {
		lot float64
		at  int
	}
	lots, arms := make([]drawn, len(members)), make([]Arm, len(members))
	for i, who := range members {
		lots[i], arms[i] = drawn{lot(c.ID, who), i}, Told
	}
	slices.SortFunc(lots, func(a, b drawn) int {
		return cmp.Or(cmp.Compare(a.lot, b.lot), cmp.Compare(members[a.at], members[b.at]))
	})
	kept := Held
	if c.Entitlement {
		kept = Delayed
	}
	for _, d := range lots[:c.HoldOf(int64(len(members))).People] {
		arms[d.at] = kept
	}
	return arms
}
