package domain

// LedgerRestored records that a ledger's folder was put back to an older state and goes on under a new
// origin (账本恢复): it is the first entry behind what was restored, so that the cut is seen for ever. Old is
// what is last known of the ledger before: its events from Size + 1 on are not in this stream.
type LedgerRestored struct {
	Act       BatchID `json:"act,omitzero" anju:"required" zh:"恢复编号"`
	NewOrigin string  `json:"new_origin,omitzero" anju:"required,ref" zh:"新来源标识"`
	OldOrigin string  `json:"old_origin,omitzero" anju:"required,ref" zh:"原来源标识"`
	OldKey    string  `json:"old_key,omitzero" anju:"required,ref" zh:"原公钥"`
	Size      int64   `json:"size" anju:"min=0" zh:"恢复到的条数" en:"events that were restored"`
	OldSize   int64   `json:"old_size" anju:"min=0" zh:"原检查点条数" en:"events of the old checkpoint"`
	// OldRoot and OldSignatures are the rest of the old checkpoint: with origin and size they are the very
	// text that was signed. Absent when none is known.
	OldRoot       string   `json:"old_root,omitzero" anju:"ref" zh:"原检查点根"`
	OldSignatures []string `json:"old_signatures,omitzero" anju:"ref" zh:"原检查点签名"`
	Reason        string   `json:"reason,omitzero" anju:"required" zh:"原因"`
}

var _ = define[LedgerRestored](Kind{
	Name: "ledger.restored", Rank: 620, Area: 9, Time: InstantTime, Home: BatchKind, Departments: []Department{LedgerItself},
	Label:  Text{"账本恢复", "Ledger restored"},
	Effect: Text{"不影响任何状态；标明历史在此中断", "no status changes; it shows where history was cut"},
	Sample: &LedgerRestored{
		Act: BatchID{MintEntity(BatchKind, 2)}, NewOrigin: "anju/new/ANJU-52", OldOrigin: "anju/old/ANJU-52",
		OldKey: "anju/old/ANJU-52+00000000+AQ", Size: 7, OldSize: 9, OldRoot: "AAAA", OldSignatures: []string{"— anju/old/ANJU-52 AAAA"},
		Reason: "backup of Monday",
	},
})

// Check has no rule beyond the fields'.
func (l *LedgerRestored) Check(*Report) {}

// apply does nothing: the fact is about the ledger and no entity's.
func (l *LedgerRestored) apply(*File, *Stamp) {}
