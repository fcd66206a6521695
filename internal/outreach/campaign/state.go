package campaign

// State is how far a campaign is.
type State string

// The states. Stopped and Done are its ends.
const (
	Draft    State = "draft"
	Asked    State = "asked"    // a second person is to decide
	Approved State = "approved" // its people are fixed; it waits for its day
	Running  State = "running"
	Stopped  State = "stopped"
	Done     State = "done" // everybody was told who was to be, and the window is over
)

// States lists them in the order in which a campaign goes through them.
var States = []State{Draft, Asked, Approved, Running, Stopped, Done}

// Act is what moves a campaign on.
type Act string

// The acts. Start and Finish are the program's own.
const (
	Edit     Act = "edit"
	Ask      Act = "ask"
	TakeBack Act = "take_back"
	Return   Act = "return" // with what is to be mended
	Approve  Act = "approve"
	Start    Act = "start"
	Stop     Act = "stop"
	Finish   Act = "finish"
)

// moves is the table of the state machine. Nothing that somebody approved can be
// edited: what people get is what the second person read, and one result belongs
// to one message. To mend a campaign that sends it is stopped, and copied.
var moves = map[State]map[Act]State{
	Draft:    {Edit: Draft, Ask: Asked, Stop: Stopped},
	Asked:    {TakeBack: Draft, Return: Draft, Approve: Approved, Stop: Stopped},
	Approved: {Start: Running, Stop: Stopped},
	Running:  {Stop: Stopped, Finish: Done},
}

// After is the state after an act; ok is false where the act is not open.
func (s State) After(a Act) (to State, ok bool) {
	to, ok = moves[s][a]
	return to, ok
}

// Over says that nothing more comes of it.
func (s State) Over() bool { return len(moves[s]) == 0 }

// Fixed says that its people are fixed.
func (s State) Fixed() bool { return s == Approved || s == Running || s.Over() }
