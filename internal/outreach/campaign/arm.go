package campaign

import (
	"crypto/sha256"
	"encoding/binary"
	"math"

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

// HoldLeast is the size below which nobody is held back: the comparison would
// tell nothing (P7 of docs/7p.md). HoldUsual is the usual share, in percent.
const (
	HoldLeast = 200
	HoldUsual = 10
)

// lot is somebody's place in a campaign, from 0 to below 1: the same however
// often it is asked for, another in each campaign, and told by nothing that is
// known of the person.
func lot(campaignID, constituentID string) float64 {
	sum := sha256.Sum256([]byte(campaignID + "|" + constituentID))
	return float64(binary.BigEndian.Uint64(sum[:8])>>11) / math.Exp2(53)
}

// split is how the members of a campaign are parted.
type split struct {
	percent int
	delayed bool
}

// splitOf says how many are held back, of so many members. Nobody is where danger
// threatens, where there is nothing to take up, or where they are few.
func splitOf(c *Campaign, members int64) split {
	if members < HoldLeast || c.MatterID == nil || c.Basis == outreach.Urgent || c.Purpose == outreach.Notice {
		return split{}
	}
	return split{percent: c.HoldPercent, delayed: c.Entitlement}
}

func (p split) arm(campaignID, constituentID string) Arm {
	switch {
	case lot(campaignID, constituentID)*100 >= float64(p.percent):
		return Told
	case p.delayed:
		return Delayed
	}
	return Held
}
