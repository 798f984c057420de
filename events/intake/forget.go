package intake

import (
	"context"
	"fmt"

	"github.com/anju-ledger/anju/domain"
	"github.com/google/uuid"
)

// Forget erases a person (销毁个人密钥): it records person.key_destroyed, leaves keyed
// tombstones of his numbers, and destroys his key. The event comes first: after a crash
// Replay does the rest at the next start. Forgetting somebody again changes nothing.
func (d *Door) Forget(ctx context.Context, person domain.Entity, requestRef, legalBasis string) (*Receipt, *Problem) {
	home, ok := d.directory.Home(person)
	if !ok || person.Kind() != domain.PersonKind {
		return nil, problemOf(0, []domain.Refusal{unknownEntity().at("/data/person", person.String())})
	}
	kind, _ := domain.KindOf("person.key_destroyed")
	id, err := uuid.NewV7()
	if err != nil {
		return nil, failure(err)
	}
	county := domain.Division(home.CountyDigits())
	answers := d.Record(ctx, Caller{domain.LedgerItself, county}, []*Submission{{
		Kind: kind, ID: domain.EventID(id), Time: domain.MomentOf(d.now()),
		Fact: &domain.KeyDestroyed{Person: domain.PersonID{Entity: person}, RequestRef: requestRef, LegalBasis: legalBasis},
	}}, false)
	if answers[0].Problem != nil {
		return nil, answers[0].Problem
	}
	if err := d.destroy(person); err != nil {
		return answers[0].Receipt, failure(err)
	}
	return answers[0].Receipt, nil
}

// destroy entombs the numbers before it destroys the key: a crash between leaves a key that the
// next start destroys, never a person who could be registered anew.
func (d *Door) destroy(person domain.Entity) error {
	for _, tag := range d.directory.Tombstones(person) {
		if err := d.ring.Entomb(tag); err != nil {
			return fmt.Errorf("forget %s: %w", person, err)
		}
	}
	if err := d.ring.Destroy(uint64(person)); err != nil {
		return fmt.Errorf("forget %s: %w", person, err)
	}
	return nil
}

// Replay destroys again the key of everybody who was forgotten: at start, so that an old copy of
// the keyring brings nobody back.
func (d *Door) Replay() error {
	for _, person := range d.directory.AllForgotten() {
		if err := d.destroy(person); err != nil {
			return err
		}
	}
	return nil
}
