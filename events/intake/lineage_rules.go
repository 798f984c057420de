package intake

import "github.com/anju-ledger/anju/domain"

// The rules of the door about who belongs to which household.
func endedHousehold() rule {
	return rule{
		domain.Conflict, zhen("该户已终止，不能迁入、分户或并户", "the household has ended: nobody can move into it, and it cannot be split or merged"),
		zhen("请填写接续的户（见该户时间线）；补记终止之前的迁入，请填写当时的日期", "name the household that goes on, which the timeline of this one tells; a move told late has the day, before the end, on which it was"),
	}
}

func unmade() rule {
	return rule{
		domain.Conflict, zhen("该户的登记（或分出它的分户）已由所列记录作废", "the household's registration, or the split that founded it, is voided by the event named"),
		zhen("请填写有效的户；该户属实的，请作废那次作废，或重新登记", "name a household that stands; where this one is real, void that void or register it anew"),
	}
}

// comesBack is the rule of an act by which another event would count again, where why stands in its way.
func comesBack(event domain.EventID, why domain.Text) rule {
	return rule{
		domain.Conflict, zhen("由此 "+event.String()+" 将重新生效，而它已不能成立："+why.ZH, "by this "+event.String()+" would count again, and it no longer can: "+why.EN),
		zhen("请先作废其后与之冲突的记录；或按现在的情况另行记录", "void what was recorded since and stands in its way; or record anew what is so now"),
	}
}

func endedBefore() rule {
	return rule{
		domain.Conflict, zhen("这次分户使该户在当日无人而终止，但之后又有所列成员迁入", "the split leaves nobody in the household on its day and so ends it, but the person named joined it since"),
		zhen("请核对分户日期；或留一名成员在原户；或先作废其后的迁入", "check the day of the split; or leave a member in the household; or void the joining first"),
	}
}

func changedSince() rule {
	return rule{
		domain.Conflict, zhen("该户在此日之后有成员迁入或迁出，不能自更早的日期并入他户", "somebody joined or left the household after that day, so it cannot end by a merge dated before"),
		zhen("请核对日期；或先作废之后的迁入、迁出", "check the date; or void what was recorded of its members since"),
	}
}

func notYetFounded() rule {
	return rule{
		domain.Conflict, zhen("该户在该日尚未分出", "the split that founded the household comes after that day"),
		zhen("请填写分户之日或其后的日期；或填写分出它的原户", "give the day of that split or a later one; or name the household that it was split off from"),
	}
}

func noMember() rule {
	return rule{
		domain.Conflict, zhen("此人在该日（或其后）不是该户成员", "the person is no member of the household on that day, or not since"),
		zhen("请核对人员和日期；漏记的成员请先以 household.member_joined 记录", "check the person and the day; who was left out is first recorded by household.member_joined"),
	}
}

func hasDied(day domain.Day, by domain.EventID) rule {
	return rule{
		domain.Conflict, zhen("此人已于 "+day.String()+" 死亡（记录 "+by.String()+"）", "the person died on "+day.String()+", by event "+by.String()),
		zhen("请不列此人；死亡记录有误的，请先作废该记录", "leave this person out; where the death is wrong, void that event first"),
	}
}

func beforeRegistration(since domain.Day) rule {
	return rule{
		domain.Conflict, zhen("该户自 "+since.String()+" 起登记，此前没有成员", "the household is registered from "+since.String()+" on, and has no members before"),
		zhen("请填写登记之日或其后的日期", "give the day of its registration or a later one"),
	}
}

func notByCorrection() rule {
	return rule{
		domain.Conflict, zhen("更正不能改变谁属于哪一户、谁已死亡或谁是户主", "a correction cannot change who belongs to which household, who died or who is the head"),
		zhen("请作废该记录并重新记录；已有记录依赖于它时，见 anju undo", "void the event and record it anew; where others rest on it, see anju undo"),
	}
}

func notTheRemaining() rule {
	return rule{
		domain.Conflict, zhen("并户的 subject 须为并入户（into）", "the subject of a merge is the household that remains, which into names"),
		zhen("请删去 subject，由账本确定；或填写并入户", "leave subject out, and the ledger finds it; or name the household that remains"),
	}
}

func ofAnotherFile() rule {
	return rule{
		domain.Conflict, zhen("更正不能把记录改到另一户（或另一对象）名下", "a correction cannot give the fact to somebody or something that belongs to another household or home"),
		zhen("请作废该记录，并以正确的对象重新记录", "void the event (record.voided, reason wrong_subject) and record it anew of whom or what it is about"),
	}
}

func saidByTheKey() rule {
	return rule{
		domain.Conflict, zhen("该记录的业务编号（key）中写有此内容，更正不能改变它", "the record's business key says this, so a correction cannot change it"),
		zhen("请作废该记录，并以新的业务编号重新记录", "void the event and record it anew under its own key"),
	}
}

func memberAlready() rule {
	return rule{
		domain.Conflict, zhen("此人在该日已是该户成员", "the person belongs to the household already on that day"),
		zhen("不必重复记录；若曾迁出，请先记录 household.member_left", "nothing is to be recorded; if the person had left, record household.member_left first"),
	}
}

func belongsElsewhere() rule {
	return rule{
		domain.Conflict, zhen("此人在该日属于所列的另一户，未写明由哪户迁入", "the person belongs to the household named on that day, and it is not said that he comes from there"),
		zhen("请填写 from_household；或先由该户记录 household.member_left", "give from_household; or record household.member_left of that household first"),
	}
}

func intoItself() rule {
	return rule{
		domain.Conflict, zhen("迁入户与迁出户不能是同一户", "nobody moves from a household into that very household"),
		zhen("请核对另一户；不知道时不填", "check which other household it is; leave it out where it is not known"),
	}
}

func takenDwelling() rule {
	return rule{
		domain.Conflict, zhen("该住房现为另一户所有", "another household has the dwelling now"),
		zhen("请不填住房，或填写其他住房；另一户已搬离的，请先记录其 household.moved", "leave the dwelling out, or name another; where the other household gave it up, record its household.moved first"),
	}
}

func beforeAnAct() rule {
	return rule{
		domain.Conflict, zhen("该户在更晚的日期已分户或并户（见所列记录），不能再补记更早的分户或并户", "the household was split or merged on a later day, by the event named: an earlier split or merge can no longer be recorded"),
		zhen("请核对日期；或先作废所列记录，按先后重新记录", "check the date; or void the event named first, and record both in their order"),
	}
}

func ofTwoProvinces() rule {
	return rule{
		domain.Conflict, zhen("跨省不能并户", "households of two provinces cannot be merged"),
		zhen("请逐人记录：迁出省 household.member_left，迁入省 household.member_joined，再关闭原户", "record each member's household.member_left in one province and household.member_joined in the other, then close the old household"),
	}
}

func notMade() rule {
	return rule{
		domain.Unknown, zhen("同一组中没有更早的记录建立该对象", "no earlier event of the set creates that entity"),
		zhen("event 从0数起，at 为其回执 ids 中的位置，如 /subject；并以 atomic=true 提交，先建立、后引用", "count events from 0; at is a place in its receipt's ids, such as /subject; send the events as a set (atomic=true), what creates before what names"),
	}
}
