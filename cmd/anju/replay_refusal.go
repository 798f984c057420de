package main

import (
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
)

// received is an acknowledgement that a client of NATS sends by itself.
const received = "+ACK"

// refusalOf is why an answer to an event does not acknowledge it, nil when it does: it is empty, what a client's Ack
// sends, or what a stream answers that took the event. Anything else is a refusal: a problem, an error of a service,
// and what nobody agreed on, since who answers so may have kept nothing.
func refusalOf(m *nats.Msg) error {
	for _, name := range []string{"Nats-Service-Error", "Nats-Service-Error-Code", "Status"} {
		if value := m.Header.Get(name); value != "" {
			return problemOf(plain(name+": "+value), m.Data)
		}
	}
	if len(m.Data) == 0 || string(m.Data) == received {
		return nil
	}
	var ack struct {
		Stream string `json:"stream"`
		Seq    uint64 `json:"seq"`
		Error  *struct {
			Description string `json:"description"`
		} `json:"error"`
	}
	if err := json.Unmarshal(m.Data, &ack); err == nil {
		switch {
		case ack.Error != nil && ack.Error.Description != "":
			return refusal(plain(ack.Error.Description))
		case ack.Error == nil && ack.Stream != "" && ack.Seq > 0:
			return nil
		}
	}
	return problemOf("", m.Data)
}

// problemOf reads the problem that an answer is: its title, and its rules; or whatever it says.
func problemOf(status string, body []byte) error {
	body = []byte(plain(string(body)))
	text := problemText(status, body).Error()
	var p problem
	if err := json.Unmarshal(body, &p); err != nil {
		return refusal(text)
	}
	title := sentence(" / ", p.Title.ZH, p.Title.EN)
	if p.Title.EN == "" || strings.Contains(text, p.Title.EN) {
		return refusal(text)
	}
	return refusal(title + "\n      " + text)
}

// plain is a receiver's text on one line that moves no cursor.
func plain(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}
