package events

import (
	"context"
	"fmt"
	"sync"
)

// memoryStore keeps one stream in memory, under the same rules as a server: for tests of
// everything above the log, and for the failures that a server shows too rarely.
type memoryStore struct {
	mu       sync.Mutex
	messages []message // under mu
	fails    func(step string) error
}

func (s *memoryStore) append(_ context.Context, messages []message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.step("publish"); err != nil {
		return err
	}
	for _, m := range messages {
		if m.sequence != uint64(len(s.messages))+1 {
			return fmt.Errorf("%w: the stream ends at %d", errFence, len(s.messages))
		}
		s.messages = append(s.messages, m)
	}
	return s.step("ack")
}

func (s *memoryStore) step(name string) error {
	if s.fails == nil {
		return nil
	}
	return s.fails(name)
}

func (s *memoryStore) sync() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.step("sync")
}

func (s *memoryStore) get(sequence uint64) (message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sequence == 0 || sequence > uint64(len(s.messages)) {
		return message{}, ErrNotFound
	}
	return s.messages[sequence-1], nil
}

func (s *memoryStore) read(_ context.Context, after uint64, yield func(message) bool) error {
	s.mu.Lock()
	messages := s.messages
	s.mu.Unlock()
	for _, m := range messages[min(after, uint64(len(messages))):] {
		if !yield(m) {
			return nil
		}
	}
	return nil
}
