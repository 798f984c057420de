package page

import (
	"maps"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
)

// tile is a province in the cartogram of the nation: a square in a grid, no border drawn.
type tile struct {
	Division   domain.Division
	Name, Href string
	X, Y       int
	Households int
	Tone       string
	Worst      string // the share that is in crisis or at risk
}

// tileSize is the side of a tile with its gap, in the units of the drawing.
const tileSize = 54

// grid places the provinces roughly as they lie: column and row of each code.
var grid = map[domain.Division][2]int{
	"65": {0, 1}, "62": {2, 2}, "15": {4, 1}, "23": {8, 0}, "22": {8, 1}, "21": {7, 2},
	"54": {0, 4}, "63": {1, 3}, "64": {3, 2}, "14": {5, 2}, "13": {6, 2}, "11": {6, 1}, "12": {7, 1},
	"51": {2, 4}, "61": {3, 3}, "41": {5, 3}, "37": {6, 3}, "32": {7, 3}, "31": {8, 4},
	"53": {2, 6}, "50": {3, 4}, "42": {4, 4}, "34": {6, 4}, "33": {7, 5}, "52": {3, 5},
	"43": {4, 5}, "36": {5, 5}, "35": {6, 6}, "45": {3, 6}, "44": {5, 6}, "46": {4, 8}, "71": {8, 6}, "81": {5, 7}, "82": {4, 7},
}

// shortNames are what fits on a tile; English ones are the codes of GB/T 2260.
var shortNames = map[domain.Division]domain.Text{
	"11": {ZH: "京", EN: "BJ"}, "12": {ZH: "津", EN: "TJ"}, "13": {ZH: "冀", EN: "HE"}, "14": {ZH: "晋", EN: "SX"}, "15": {ZH: "蒙", EN: "NM"},
	"21": {ZH: "辽", EN: "LN"}, "22": {ZH: "吉", EN: "JL"}, "23": {ZH: "黑", EN: "HL"}, "31": {ZH: "沪", EN: "SH"}, "32": {ZH: "苏", EN: "JS"},
	"33": {ZH: "浙", EN: "ZJ"}, "34": {ZH: "皖", EN: "AH"}, "35": {ZH: "闽", EN: "FJ"}, "36": {ZH: "赣", EN: "JX"}, "37": {ZH: "鲁", EN: "SD"},
	"41": {ZH: "豫", EN: "HA"}, "42": {ZH: "鄂", EN: "HB"}, "43": {ZH: "湘", EN: "HN"}, "44": {ZH: "粤", EN: "GD"}, "45": {ZH: "桂", EN: "GX"},
	"46": {ZH: "琼", EN: "HI"}, "50": {ZH: "渝", EN: "CQ"}, "51": {ZH: "川", EN: "SC"}, "52": {ZH: "黔", EN: "GZ"}, "53": {ZH: "滇", EN: "YN"},
	"54": {ZH: "藏", EN: "XZ"}, "61": {ZH: "陕", EN: "SN"}, "62": {ZH: "甘", EN: "GS"}, "63": {ZH: "青", EN: "QH"}, "64": {ZH: "宁", EN: "NX"},
	"65": {ZH: "新", EN: "XJ"}, "71": {ZH: "台", EN: "TW"}, "81": {ZH: "港", EN: "HK"}, "82": {ZH: "澳", EN: "MO"},
}

// tiles lays out the nation; the tone of a tile is the share of its households in crisis or at
// risk.
func (o *overview) tiles() []tile {
	rows := map[domain.Division]row{}
	for _, r := range o.Below {
		rows[r.Division] = r
	}
	var all []tile
	for _, d := range slices.Sorted(maps.Keys(grid)) { // of all provinces, also those that the table of divisions lacks
		at, r := grid[d], rows[d]
		t := tile{Division: d, Name: o.Lang.pick(shortNames[d]), Href: o.To("/divisions/", d), X: at[0] * tileSize, Y: at[1] * tileSize, Households: r.Households, Tone: "tn"}
		if r.Households > 0 {
			worst := r.Crisis.N + r.Risk.N
			t.Worst, t.Tone = percent(worst, r.Households), shareTone(worst, r.Households)
		}
		all = append(all, t)
	}
	return all
}

// shareTone is the colour of a share that should be small: fifths of a quarter.
func shareTone(n, of int) string {
	switch {
	case n*20 < of:
		return "t5"
	case n*10 < of:
		return "t4"
	case n*20 < of*3:
		return "t3"
	case n*5 < of:
		return "t2"
	}
	return "t1"
}

// areaTone is a province for a map of the operator's own.
type areaTone struct {
	Code  string `json:"code"`
	Name  string `json:"name"`
	Full  string `json:"full"`
	Tone  string `json:"tone"`
	Worst string `json:"worst,omitzero"`
	Href  string `json:"href"`
}

// Areas are the tiles as JSON, for a map that an operator loads in his browser.
func (o overview) Areas() (string, error) {
	var all []areaTone
	for _, t := range o.Tiles {
		all = append(all, areaTone{string(t.Division), t.Name, t.Division.Name(), t.Tone, t.Worst, t.Href})
	}
	b, err := json.Marshal(all)
	return string(b), err
}
