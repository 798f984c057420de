package intake

import (
	"strings"

	"github.com/anju-ledger/anju/domain"
)

// The rules of taking back a split or a move.
func noMove(kind string) rule {
	fix := zhen("其他记录请以 record.voided 作废", "void any other record by record.voided")
	if kind == "household.merged" {
		fix = zhen("并户请以 record.voided 作废；已有记录依赖于它时，以 household.split 将其分出", "void a merge by record.voided; where others rest on it, split its people off again by household.split")
	}
	return rule{domain.Conflict, zhen("只有分户、成员迁移和整户迁移可以这样撤销，该记录是 "+kind, "only a split, a member's move or a household's move can be undone so; this is a "+kind), fix}
}

func nothingLeft() rule {
	return rule{
		domain.Conflict, zhen("分出的各户均已终止或无人，无可撤销", "the households that it founded have ended, or nobody is left in them: there is nothing left to undo"),
		zhen("无需撤销；其成员如需返回，请记录 household.member_joined", "nothing need be undone; who returns is recorded by household.member_joined"),
	}
}

func saysNotWhence() rule {
	return rule{
		domain.Conflict, zhen("该记录没有写明从哪户到哪户", "the fact does not say from which household to which"),
		zhen("请直接记录返回：household.member_left 和 household.member_joined，写明两户", "record the return itself by household.member_left and household.member_joined, which name both households"),
	}
}

func movedOn() rule {
	return rule{
		domain.Conflict, zhen("此人现在不在迁入的那一户", "the person does not belong to the household any more to which he moved"),
		zhen("请先撤销他之后的迁移", "take back his later move first"),
	}
}

func beforeTheMove(day domain.Day) rule {
	return rule{
		domain.Conflict, zhen("返回不能早于迁移或分户本身（"+day.String()+"）", "who moved or was split off returns on a later day than he did ("+day.String()+"), once he has arrived"),
		zhen("请填写实际返回之日；从未迁移的，不写 return_to，直接作废", "give the day on which he returned; where nobody ever moved, leave return_to out and have the event voided"),
	}
}

func noRelation(codes []string) rule {
	list := strings.Join(codes, ", ")
	return rule{domain.Malformed, zhen("与户主的关系须为："+list, "the relation to the head is one of: "+list), zhen("请填写其中之一，如 child", "write one of these, such as child")}
}

func noOldHousehold() rule {
	return rule{
		domain.Conflict, zhen("整户迁移没有另外的原户：该户就在现址", "a household that moved as a whole has no other one to return to: it is where it is now"),
		zhen("请改选 return_to=address 迁回原地址；留在现址则无需撤销", "choose return_to=address to move it back; to stay where it is nothing need be undone"),
	}
}

func goneHousehold(which domain.Entity) rule {
	return rule{
		domain.Conflict, zhen("原户 "+which.String()+" 已终止", "the old household, "+which.String()+", has ended"),
		zhen("请改选 return_to=address：在原地址另立新户", "choose return_to=address: a new household at the old address"),
	}
}

func takenAddress(by domain.Entity) rule {
	return rule{
		domain.Conflict, zhen("原地址现在有人户 "+by.String()+" 居住", "a household lives at the old address now: "+by.String()),
		zhen("请改选 return_to=household：回到原户现在的住处", "choose return_to=household: the old household, where it is now"),
	}
}

func noAddress(of domain.Entity) rule {
	return rule{
		domain.Unknown, zhen("账本不知道 "+of.String()+" 当时的住房", "the ledger knows no dwelling of "+of.String()+" at that time"),
		zhen("请改选 return_to=household；或先补记交付入住", "choose return_to=household; or record its keys first"),
	}
}
