package seven

// ListCampaigns has pages list so many campaigns until back is called.
func ListCampaigns(n int) (back func()) {
	before := campaignsMost
	campaignsMost = n
	return func() { campaignsMost = before }
}
