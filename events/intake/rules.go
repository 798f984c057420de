package intake

import (
	"strconv"
	"strings"

	"github.com/anju-ledger/anju/domain"
)

// rule is the sentence that a kind of refusal at the door is told with, and its way out.
type rule struct {
	kind      domain.RefusalKind
	rule, fix domain.Text
}

// at makes the refusal of a value at a field; value is never a personal one.
func (r rule) at(field, value string) domain.Refusal {
	if len(value) > 80 {
		value = value[:80]
	}
	return domain.Refusal{Field: field, Value: value, Kind: r.kind, Rule: r.rule, Fix: r.fix}
}

// zhen pairs a sentence in both languages.
func zhen(zh, en string) domain.Text { return domain.Text{ZH: zh, EN: en} }

// The rules of the door, one function a rule so that none can be changed by accident.
func notJSON() rule {
	return rule{domain.Malformed, zhen("不是有效的JSON：须为UTF-8，无重复键，无多余内容，嵌套不超过32层", "not valid JSON: UTF-8, no duplicate keys, nothing after the value, at most 32 levels"), zhen("请检查该处的JSON", "check the JSON at that place")}
}

func tooLarge() rule {
	return rule{domain.TooLarge, zhen("一条记录不得超过32 KiB", "an event holds at most 32 KiB"), zhen("请缩短文字或分成几条记录", "shorten the texts or record several facts")}
}

func unknownAttribute() rule {
	return rule{domain.UnknownField, zhen("没有这个属性", "there is no such attribute"), zhen("请删去；可用属性见文档", "remove it; /v1/schemas lists what is accepted")}
}

func unknownField() rule {
	return rule{domain.UnknownField, zhen("该类型没有这个字段", "the type has no such field"), zhen("请删去该字段；字段见 /v1/schemas", "remove the field; /v1/schemas lists the fields")}
}

func doorsOwn() rule {
	return rule{domain.NotAllowed, zhen("该内容由账本填写，不得提交", "the ledger fills this in; a submission may not carry it"), zhen("请删去", "remove it")}
}

// missing is the rule of what has to be given; fix says what that is.
func missing(fix domain.Text) rule {
	return rule{domain.Missing, zhen("必须填写", "it is required"), fix}
}

// wrongForm is the rule of a form that a value does not have, with the way out of that form alone.
func wrongForm(form, fix domain.Text) rule {
	return rule{domain.Malformed, zhen("格式不符："+form.ZH, "wrong form: "+form.EN), fix}
}

func badDate(form, fix domain.Text) rule {
	return rule{domain.BadDate, zhen("不是有效的日期或时间，须为 "+form.ZH, "no valid date or time: "+form.EN), fix}
}

// The forms that stand in several places.
func textForm() rule {
	return wrongForm(zhen("文字", "text"), zhen("请写成带引号的文字", "write it as a text, in quotation marks"))
}

func divisionForm() rule {
	return wrongForm(zhen("区划代码的最短写法，如 520603", "a division code in its shortest form, such as 520603"), zhen("请填写2、4、6、9或12位代码，末尾的零不写", "give 2, 4, 6, 9 or 12 digits, without the noughts at the end"))
}

func eventForm() rule {
	return wrongForm(zhen("小写UUID", "a lower-case UUID"), zhen("记录编号见回执和时间线", "receipts and timelines give the ids of events"))
}

func payloadForm() rule {
	return wrongForm(zhen("见该类型的字段说明", "see the type's schema"), zhen("字段说明见 /v1/schemas", "/v1/schemas has the schema of each type"))
}

func entityForm() rule {
	return wrongForm(zhen("账本编号或 {\"number\":…}", `an id of 13 characters or {"number":…}`), zhen("账本编号见回执；也可写 {\"number\":官方编号}", `receipts give the ids; or write {"number": the official number}`))
}

func dayForm() rule {
	return badDate(zhen("2021-06-30", "2021-06-30"), zhen("请写年-月-日，如 2021-06-30", "write year, month and day, such as 2021-06-30"))
}

func future() rule {
	return rule{domain.Future, zhen("时间不得晚于现在一天以上", "the time lies a day or more in the future"), zhen("请核对日期", "check the date")}
}

func unknownType() rule {
	return rule{domain.UnknownCode, zhen("没有这个事实类型或版本", "there is no such type or version of a fact"), zhen("可用类型见 /v1/kinds", "/v1/kinds lists the types")}
}

func unknownEntity() rule {
	return rule{domain.Unknown, zhen("账本中没有该对象", "the ledger knows no such entity"), zhen("请先登记，或核对编号和区划", "register it first, or check the number and its division")}
}

func unknownEvent() rule {
	return rule{domain.Unknown, zhen("账本中没有该记录", "the ledger has no such event"), zhen("请核对记录编号：回执和时间线中有", "check the event's id: receipts and timelines name it")}
}

func noBatch() rule {
	return rule{domain.Unknown, zhen("账本中没有这个导入批次的记录", "no event is of this import batch"), zhen("请核对批次：导入回执和其每条记录都写有批次", "check the batch: the receipt of the import names it, and so does each of its events")}
}

func ambiguous() rule {
	return rule{domain.Unknown, zhen("该编号对应多个对象", "more than one entity has this number"), zhen("请使用账本编号", "use the ledger's id")}
}

func erased() rule {
	return rule{domain.Erased, zhen("此人的个人信息已依法删除", "this person's data were erased by law"), zhen("请从文件中删去该行", "remove the row from the file")}
}

func noEventsType() rule {
	return wrongForm(
		zhen("application/cloudevents+json、application/cloudevents-batch+json、application/x-ndjson 或 application/json", "application/cloudevents+json, application/cloudevents-batch+json, application/x-ndjson or application/json"),
		zhen("使用 curl 时请加 -H 'Content-Type: application/json'", "with curl add -H 'Content-Type: application/json'"))
}

// notYours refuses a type that a department may not record.
func notYours(kind *domain.Kind) rule {
	may := make([]string, len(kind.Departments))
	for i, d := range kind.Departments {
		may[i] = string(d)
	}
	return rule{
		domain.NotAllowed, zhen("该部门无权记录 "+kind.Name, "this department may not record "+kind.Name),
		zhen("请由有权部门记录："+strings.Join(may, "、"), "let a department record it that may: "+strings.Join(may, ", ")),
	}
}

func ledgersOwn() rule {
	return rule{domain.NotAllowed, zhen("只有账本自身可以此名义记录", "only the ledger itself records in this name"), zhen("请以本部门的代码提交；销毁个人密钥请在服务器上使用 anju forget", "name your own department; \"anju forget\", on the server, is how a person is forgotten")}
}

func closedByLedger() rule {
	return rule{domain.NotAllowed, zhen("导入的结束由账本自行记录", "the ledger itself records that an import is closed"), zhen("请通过 POST /v1/imports 导入文件", "import the file by POST /v1/imports")}
}

func aboveCounty() rule {
	return rule{domain.Malformed, zhen("导入以县为单位", "an import is a county's: name a county"), zhen("请填写6位县级区划代码，如 520603", "give the county's code of six digits, such as 520603")}
}

func oneOf(values []string) rule {
	list := strings.Join(values, ", ")
	return rule{domain.Malformed, zhen("须为："+list, "it is one of: "+list), zhen("请填写其中之一，或不写", "write one of them, or leave it out")}
}

func wrongSource() rule {
	return rule{domain.NotAllowed, zhen("source 与提交部门不符", "the source is not the caller's"), zhen("请删去 source 或与提交部门一致", "leave source out, or name yourself")}
}

func noName() rule {
	return rule{domain.Missing, zhen("须提供 id 或 key", "give id or key"), zhen("请提供 id（第7版UUID）或业务编号 key", "give an id, a UUID of version 7, or the business key")}
}

func noFile() rule {
	return rule{
		domain.Malformed, zhen("内容须为 "+strings.Join(fileTypes(), "、")+" 之一", "the body is one of "+strings.Join(fileTypes(), ", ")),
		zhen("使用 curl 时请加 -H 'Content-Type: application/octet-stream'，或改用 -F file=@文件", "with curl add -H 'Content-Type: application/octet-stream', or send -F file=@FILE"),
	}
}

func noPart() rule {
	return rule{domain.Missing, zhen("表单缺少 file 部分", "part `file` is missing"), zhen("请用名为 file 的部分提交文件，如 -F file=@文件", "send the file as a part named file, as by -F file=@FILE")}
}

func unknownPart() rule {
	return rule{domain.UnknownField, zhen("表单只有 file 和 template 两种部分", "a form has parts `file` and `template` only"), zhen("请删去其他部分，或改名为 file", "remove the part, or name it file")}
}

func noImport() rule {
	return rule{domain.Unknown, zhen("没有这个待确认的导入，或其文件已删除", "no such import is staged, or its file is deleted already"), zhen("请重新提交文件：POST /v1/imports", "send the file again by POST /v1/imports")}
}

func noFileAt(files int) rule {
	last := strconv.Itoa(files - 1)
	return rule{domain.Unknown, zhen("该导入没有这个文件", "the import has no such file"), zhen("文件从0数起，最后一个是 "+last, "files are counted from 0; the last is "+last)}
}

func noDivision() rule {
	return rule{
		domain.Missing, zhen("须指明提交者的区划", "the caller's division is not named"),
		zhen("请写在主题中：anju.record.<部门>.<区划>，或写在消息头 Anju-Division 中", "name it in the subject, anju.record.<department>.<division>, or in the header Anju-Division"),
	}
}

func idOrKey() rule {
	return rule{domain.Malformed, zhen("id 与 key 必须且只能提供一个", "give id or key, not both"), zhen("请保留其中一个", "keep one of them")}
}

func wrongHome() rule {
	return rule{domain.Malformed, zhen("subject 与内容所属的户不符", "the subject is not the home of what the payload names"), zhen("请删去 subject，由账本确定", "leave subject out; the ledger finds it")}
}

func conflicting() rule {
	return rule{domain.Conflict, zhen("同一编号已有不同内容的记录", "the same id or key is there with other content"), zhen("如需更正请提交 record.corrected", "record a record.corrected if it was wrong")}
}

func mixedSet() rule {
	return rule{domain.Conflict, zhen("该组中一部分已经记录，另一部分没有", "a part of the set is recorded already, and another is not"), zhen("请单独提交新的记录", "send the new facts by themselves")}
}

func dependants() rule {
	return rule{domain.Depends, zhen("其他记录依赖于此", "other facts rest on it"), zhen("请先作废这些记录，或在同一组中先列出其作废", "void those first, or in one set before it")}
}

func ofAnAct() rule {
	return rule{
		domain.Conflict, zhen("更正、作废或异议本身不能被更正", "a correction, a void or a dispute cannot be corrected"),
		zhen("请再次更正原记录，或作废该更正、该作废、该异议", "correct the first event again, or void the act"),
	}
}

func standsWithTarget() rule {
	return rule{
		domain.Conflict, zhen("更正、作废、异议（以及只凭记录提出的督查问题）归在其所针对记录的 subject 名下，不能改换", "an act on a record, or a finding about one, stands under the subject of that record, and moves nothing to another"),
		zhen("请删去 subject；记录归错对象的，请作废（wrong_subject）后以正确的对象重新记录", "leave subject out; a fact that is recorded under the wrong subject is voided (reason wrong_subject) and recorded anew"),
	}
}

func ofTheTargetsType(target *domain.Kind) rule {
	versions := "anju:" + target.Name + "/1"
	if target.Version > 1 {
		versions += " … " + target.Schema()
	}
	return rule{
		domain.Malformed, zhen("更正的类型和版本须为被更正记录的："+versions, "a correction has the type of its target, in a version that there is: "+versions),
		zhen("请删去 schema：账本按被更正记录填写；类型有误的，请作废后以正确的类型重新记录", "leave schema out, and the ledger takes the target's; a fact of the wrong type is voided and recorded anew"),
	}
}

func secondPerson() rule {
	return rule{
		domain.Conflict, zhen("批准人不能是登记者本身：由第二人批准", "who approves is not who records: a second person does"),
		zhen("请填写批准人的代号，而非登记部门或其区划；尚无批准人时可不填", "give the code of the person who approved it, not the recording department or its division; leave it out while nobody has"),
	}
}

func noCode() rule {
	return rule{
		domain.Malformed, zhen("批准人须以代号表示：1至40个字母、数字或 . _ / -，其中至少一个数字；姓名不得进入账本", "who approved it is named by a code of 1 to 40 letters, digits, or . _ / -, one of them a digit; names do not enter the ledger"),
		zhen("请填写批准人的代号，如 zhang_01；尚无代号时可不填", "give the code, such as zhang_01; leave it out where there is none"),
	}
}

func notItsOwner(source domain.Source) rule {
	at := string(source.Department) + " " + string(source.Division)
	return rule{
		domain.NotAllowed, zhen("只有登记该记录的部门（"+at+"，本级或其上下级）可以更正或作废", "only the department that recorded it ("+at+"), of its own division or of one above or below, corrects or voids it"),
		zhen("请由登记部门处理，或以 record.disputed 提出异议", "let that department do it, or contest the record by record.disputed"),
	}
}

func notItsDisputer(source domain.Source) rule {
	at := string(source.Department) + " " + string(source.Division)
	return rule{
		domain.NotAllowed, zhen("只有提出异议的部门（"+at+"，本级或其上下级）可以撤回该异议", "only the department that disputed ("+at+"), of its own division or of one above or below, withdraws the dispute or brings it back"),
		zhen("请由其作废该异议；登记原记录的部门可更正（内容可不变）或作废原记录，以此答复", "let that department void the dispute; whoever recorded what it is about answers by a correction of the record, which may state the same again, or by a void of it"),
	}
}

func voidedAlready(by domain.EventID) rule {
	return rule{
		domain.Conflict, zhen("该记录已由 "+by.String()+" 作废", "the event is voided already, by "+by.String()),
		zhen("无需再作废；如需恢复，请作废那次作废", "nothing is to be done; to bring the event back, void that void"),
	}
}

func keyIsGone() rule {
	return rule{
		domain.Conflict, zhen("已销毁的密钥无法恢复，该记录不能作废", "a key that was destroyed cannot come back, so its record cannot be voided"),
		zhen("如确需恢复此人，请以新的编号重新登记", "where the person has to be known again, register him anew"),
	}
}

func notDisputable() rule {
	return rule{
		domain.Conflict, zhen("异议本身和账本自行记录的事项不能提出异议", "a dispute, and what the ledger records itself, cannot be disputed"),
		zhen("请对原记录提出异议；撤回异议请将其作废", "dispute the record itself; a dispute is withdrawn by a void of it"),
	}
}

func createdStays() rule {
	return rule{
		domain.Conflict, zhen("更正不能改变记录所建立的对象", "a correction cannot change the entities that the fact created"),
		zhen("请不填，或照原记录填写；属于其他对象的，请作废后重新记录", "leave it out, or give it as the record has it; what was about another is voided and recorded anew"),
	}
}

func personalKey() rule {
	return rule{domain.PersonalText, zhen("编号中疑似含有电话或身份证号码", "it looks like a phone or ID number"), zhen("请使用其他业务编号", "use another business number")}
}

func emptyBody() rule {
	return rule{domain.Missing, zhen("内容为空", "the body holds no event"), zhen("请提交1至1024条记录", "send 1 to 1,024 events")}
}

func noEvents() rule {
	return rule{domain.Malformed, zhen("内容不是事件或事件列表", "the body is no event and no list of events"), zhen("请提交一个JSON对象、一个数组或NDJSON", "send a JSON object, an array of them, or NDJSON")}
}

func manyEvents() rule {
	return rule{domain.TooLarge, zhen("一次最多1024条记录", "a body holds at most 1,024 events"), zhen("请分批提交，或改用NDJSON", "send several bodies, or NDJSON over HTTP")}
}

func longBody() rule {
	return rule{domain.TooLarge, zhen("内容不得超过4 MiB", "a body holds at most 4 MiB"), zhen("请减少每次的记录，或改用NDJSON", "send fewer events in each body, or NDJSON over HTTP")}
}
