// Package access answers two questions. May this actor do this verb, anywhere
// or on this thing? And which rows does a verb cover? Both come from the same
// grants, a role held for a unit's subtree between two dates, and the same
// casbin policy, so a list never shows what a read would refuse.
package access

// Verb is what somebody may be allowed to do. Its part before the dot is the
// kind of thing.
type Verb string

// Verbs that need no grant.
const (
	Public   Verb = "public"    // anybody
	SignedIn Verb = "signed_in" // anybody with an account
)

// Verbs that roles carry; policies/policy.csv says which.
const (
	OwnRead   Verb = "own.read" // one's own cases and data, for citizens
	DeskEnter Verb = "desk.enter"

	CaseFile         Verb = "case.file" // for somebody else, by phone or at the counter
	CaseList         Verb = "case.list"
	CaseRead         Verb = "case.read"
	CaseReveal       Verb = "case.reveal"
	CaseExport       Verb = "case.export"
	CaseAccept       Verb = "case.accept"
	CaseNotAccept    Verb = "case.not_accept"
	CaseRequestInfo  Verb = "case.request_info"
	CaseDispatch     Verb = "case.dispatch"
	CaseRedispatch   Verb = "case.redispatch"
	CaseSignIn       Verb = "case.sign_in"
	CaseReturn       Verb = "case.return"
	CaseAssign       Verb = "case.assign"
	CaseReply        Verb = "case.reply"
	CaseReviewReply  Verb = "case.review_reply"
	CaseConclude     Verb = "case.conclude"
	CaseRework       Verb = "case.rework"
	CaseDecideAppeal Verb = "case.decide_appeal"
	CaseSuspend      Verb = "case.suspend"
	CaseResume       Verb = "case.resume"
	CaseNote         Verb = "case.note"
	CaseRenewCode    Verb = "case.renew_code" // of somebody who has lost it

	CaseBlackOut    Verb = "case.black_out"    // parts of a picture, in a new one
	CaseNameSubject Verb = "case.name_subject" // which account a case complains about

	CaseTransfer Verb = "case.transfer" // to a body outside
	CaseReopen   Verb = "case.reopen"
	CaseArchive  Verb = "case.archive"

	CaseSupervise   Verb = "case.supervise" // a unit below, about a case
	CaseAnswerOrder Verb = "case.answer_supervision"

	CaseDecideObjection Verb = "case.decide_objection" // of a unit that sent a case back
	CaseRuleObjection   Verb = "case.rule_objection"   // for the unit above, which binds
	CaseSplit           Verb = "case.split"
	CaseRecallPart      Verb = "case.recall_part"
	CaseAddJoint        Verb = "case.add_joint"
	CaseReleaseJoint    Verb = "case.release_joint"
	CaseJointSignIn     Verb = "case.joint_sign_in" // for a unit that takes part
	CaseJointAnswer     Verb = "case.joint_answer"

	CasePublish Verb = "case.publish" // question and answer, where the person agrees

	CaseMerge   Verb = "case.merge"
	CaseUnmerge Verb = "case.unmerge"

	CaseRequestExtension Verb = "case.request_extension"
	CaseDecideExtension  Verb = "case.decide_extension"
	CaseExtendJoint      Verb = "case.extend_joint"   // of what several authorities handle together; held for the government's own unit
	CaseRectify          Verb = "case.rectify"        // answer a bad review
	CaseDecideContest    Verb = "case.decide_contest" // whether a bad review counts
	CaseCallback         Verb = "case.callback"       // ring the person about a result of another unit

	PermitRead      Verb = "permit.read" // the register, within the units of the actor
	PermitChange    Verb = "permit.change"
	PermitSuspend   Verb = "permit.suspend"
	PermitReinstate Verb = "permit.reinstate"
	PermitPropose   Verb = "permit.propose" // to revoke or cancel it, which somebody else decides
	PermitRevoke    Verb = "permit.revoke"
	PermitCancel    Verb = "permit.cancel"
	PermitDuty      Verb = "permit.duty"  // say how a duty after issue was met
	PermitApply     Verb = "permit.apply" // take an application at a counter, for who comes with papers

	FeeRead      Verb = "fee.read"      // what permits of the actor's units cost, and how it was paid
	FeeCollect   Verb = "fee.collect"   // note what was paid at the counter
	FeeAsk       Verb = "fee.ask"       // to waive a fee or give one back
	FeeDecide    Verb = "fee.decide"    // about what a colleague asked for
	FeeReconcile Verb = "fee.reconcile" // money that arrived and fits no order

	PeopleRead   Verb = "people.read"   // the record of those who ask in a case that the actor may read
	PeopleFind   Verb = "people.find"   // and of anybody, who knows a number or an address of theirs
	PeopleWrite  Verb = "people.write"  // the parts of a record that the actor may see
	PeopleReveal Verb = "people.reveal" // those parts in the clear
	PeopleMerge  Verb = "people.merge"  // two records of one person, and apart again

	// The parts of a record: each for the roles whose purpose needs it.
	RecordReach     Verb = "record.reach"
	RecordNeeds     Verb = "record.needs"
	RecordOpen      Verb = "record.open" // open cases, and what was promised in them
	RecordPast      Verb = "record.past" // what went wrong before
	RecordStory     Verb = "record.story"
	RecordConsents  Verb = "record.consents"
	RecordRelations Verb = "record.relations"
	RecordNumbers   Verb = "record.numbers"
	RecordNotes     Verb = "record.notes"
	RecordBenefits  Verb = "record.benefits" // how a published benefit stands to somebody, and why

	PermitReview   Verb = "case.permit_review"   // whether an application is complete: accept, ask for correction, refuse to accept
	PermitRenotice Verb = "case.permit_renotice" // ask once more for what could be seen the first time
	PermitInspect  Verb = "case.permit_inspect"  // go on site: when, and what was found
	PermitHear     Verb = "case.permit_hear"     // a hearing: tell of the right, announce, record

	EnterpriseVerify Verb = "enterprise.verify" // whose an enterprise is, by documents and in disputes

	CaseSegment  Verb = "case.segment" // may count for a segment of people, which is not to read it
	SegmentRead  Verb = "segment.read"
	SegmentWrite Verb = "segment.write"

	SegmentFigures Verb = "segment.figures" // what is counted of a segment, never who is in it

	CampaignRead    Verb = "campaign.read"
	CampaignWrite   Verb = "campaign.write"
	CampaignApprove Verb = "campaign.approve" // never what one wrote
	OfferRead       Verb = "offer.read"
	OfferWrite      Verb = "offer.write"   // benefits and their conditions, and lists of those whom they fit
	OfferConfirm    Verb = "offer.confirm" // such a list; never one's own

	ReportRead   Verb = "report.read"
	ReportExport Verb = "report.export"
	FigureInputs Verb = "figure_input.read"
	FigureEnter  Verb = "figure_input.enter" // numbers that no system knows, with their source

	AuditRead         Verb = "audit.read"
	AccessGrant       Verb = "access.grant"
	AccountLock       Verb = "account.lock" // and end its sessions
	JobRead           Verb = "job.read"
	JobChange         Verb = "job.change"
	CatalogueWrite    Verb = "catalogue.write"
	PermitTypeWrite   Verb = "permit_type.write"   // drafts of the next version
	PermitTypePublish Verb = "permit_type.publish" // what somebody else wrote
	TemplateWrite     Verb = "template.write"      // texts of replies, for a unit and those below
	KnowledgeWrite    Verb = "knowledge.write"     // articles, likewise
	RetentionRead     Verb = "retention.read"
	RetentionHold     Verb = "retention.hold" // keep a file for a court or an inquiry
	KeyRead           Verb = "key.read"       // how far a change of keys is, never a key
)

// Verbs lists every verb that a policy may name; a test compares both ways.
var Verbs = []Verb{OwnRead, DeskEnter, CaseFile, CaseList, CaseRead, CaseReveal, CaseExport, CaseAccept, CaseNotAccept, CaseRequestInfo,
	CaseDispatch, CaseRedispatch, CaseSignIn, CaseReturn, CaseAssign, CaseReply, CaseReviewReply, CaseConclude, CaseRework, CaseDecideAppeal, CaseNote, CaseBlackOut, CaseRenewCode, CaseNameSubject,
	CaseSuspend, CaseResume, CasePublish, CaseMerge, CaseUnmerge, CaseSplit, CaseRecallPart, CaseAddJoint, CaseReleaseJoint, CaseJointSignIn, CaseJointAnswer,
	CaseRequestExtension, CaseDecideExtension, CaseExtendJoint, CaseRectify, CaseDecideContest, CaseCallback, CaseDecideObjection, CaseRuleObjection,
	CaseSupervise, CaseAnswerOrder, CaseTransfer, CaseReopen, CaseArchive,
	PermitRead, PermitChange, PermitSuspend, PermitReinstate, PermitPropose, PermitRevoke, PermitCancel, PermitDuty, PermitApply, FeeRead, FeeCollect, FeeAsk, FeeDecide, FeeReconcile,
	PeopleRead, PeopleFind, PeopleWrite, PeopleReveal, PeopleMerge, RecordReach, RecordNeeds, RecordOpen, RecordPast, RecordStory, RecordConsents,
	RecordRelations, RecordNumbers, RecordNotes, RecordBenefits, EnterpriseVerify, CaseSegment, PermitReview, PermitRenotice, PermitInspect, PermitHear, SegmentRead, SegmentWrite, SegmentFigures, CampaignRead, CampaignWrite, CampaignApprove, OfferRead, OfferWrite, OfferConfirm,
	ReportRead, ReportExport, FigureInputs, FigureEnter, AuditRead, AccessGrant, AccountLock, JobRead, JobChange, CatalogueWrite, PermitTypeWrite, PermitTypePublish, TemplateWrite, KnowledgeWrite, KeyRead, RetentionRead, RetentionHold}

// Roles that may be granted for a unit.
var Roles = []string{"call_agent", "dispatcher", "handler", "head", "supervisor", WhistleOfficer, "outreach_officer", "official", "auditor", "security_admin", "system_admin"}

// WhistleOfficer is the role of those who receive whistle-blowers' cases.
const WhistleOfficer = "whistle_officer"

// citizenRole is what every citizen's account holds without a grant.
const citizenRole = "citizen"
