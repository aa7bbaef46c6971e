# ruff: noqa: E501 (words, a column a paragraph)
"""Headings of other systems: what a column is called in four languages.

Names are compared without case, spaces, marks and a unit in brackets. A name that stands for
several columns (电话) means the one that the table has.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

NAMES: Mapping[str, Mapping[str, str]] = {
    "*": {
        "lon": "longitude lng long x coordx pointx xcoord longitud coordenadax 经度 经度坐标 坐标x x坐标 东经 gps经度",
        "lat": "latitude y coordy pointy ycoord latitud coordenaday 纬度 纬度坐标 坐标y y坐标 北纬 gps纬度",
        "phone": "telephone phonenumber phoneno mobile tel contactnumber contactphone telefono telefone celular fone "
        "联系电话 联系方式 手机 手机号 手机号码 电话号码 来电号码 联系号码",
        "address": "streetaddress fulladdress direccion endereco domicilio location 用电地址 详细地址 住址 用户地址 "
        "报修地址 故障地址 地点 故障地点 通信地址",
        "name": "nombre nome label description 名称 姓名",
    },
    "customers": {
        "id": "customerid customer customerno customernumber accountno accountnumber account consumerno consno servicepoint "
        "servicepointid usagepoint premise premiseid meterid meterno installation installationid cliente idcliente "
        "numerocliente nrocliente nis suministro numerosuministro codigocliente uc unidadeconsumidora instalacao "
        "numeroinstalacao consumidor 户号 用户号 客户编号 客户号 用户id 用电户号 用户户号 户编号 营销户号",
        "name": "customername accountname consumername consname nombrecliente nomecliente titular razonsocial "
        "户名 客户名称 用户名 用户名称 用户姓名 客户姓名",
        "transformer": "transformerid transformerno trafo trafoid tx txid distributiontransformer dt dtid dtc fedby feeder_tx "
        "transformador idtransformador trafoasociado subestaciontransformadora sed trafodistribuicao posto "
        "台区 所属台区 台区编号 台区名称 所属变压器 配变 配变编号 所属配变 变压器编号 公变 台区号",
        "lv_main": "lvmain lvline lvfeeder lvcircuit circuitobt redbt 低压出线 低压回路 分支线 所属低压线路",
        "phase": "phases fase fases 相位 所属相位 供电相别 接线相别",
        "industry": "category customertype customerclass usageclass type sector use rubro tipocliente clase classe "
        "tipoconsumidor actividad atividade ramo 用电类别 用户类别 行业类别 行业分类 客户类别 用电性质 客户类型 用户类型",
        "voltage_kv": "voltage voltagekv kv nominalvoltage tension tensionkv tensao tensaokv 电压 供电电压 电压等级",
        "sources": "supplies numberofsources fuentes fontes 电源数目 供电电源数 电源数量",
        "own_generator_h": "generatorhours backuphours ownGenerator autonomia 自备电源时长 自备发电小时",
        "energy_kwh_year": "annualkwh kwhyear yearlykwh annualenergy consumption consumoanual consumo 年电量 年用电量 用电量",
        "load_type": "loadtype tipocarga 负荷类型 负荷类别",
        "supply_guarantee": "vip guaranteed 保电 重要保电 是否保电",
        "welfare": "priority prioritycustomer lifesupport medicalbaseline vulnerable electrodependiente electrodependente "
        "clientevital 特殊用户 生命支持 特殊关怀用户 敏感用户",
        "arrears": "overdue debt moroso inadimplente 是否欠费 欠费标志",
        "area": "areatype zone zona urbanrural 城乡 城乡类别 区域类型 地区类型 供电区域",
        "access": "accessnotes entry acceso acesso 进门说明 入户说明",
    },
    "requests": {
        "id": "requestid callid ticket ticketno ticketid caseid incident incidentid orderno reclamo numeroreclamo "
        "solicitud idsolicitud chamado protocolo numeroprotocolo ocorrencia 工单编号 工单号 报修单号 受理编号 编号 "
        "诉求编号 业务编号 单号",
        "received_at": "receivedat time datetime received calltime reportedat reporttime createdat created timestamp date "
        "fecha fechahora horarecepcion fecharecepcion data datahora dataabertura horaabertura "
        "受理时间 报修时间 来电时间 时间 创建时间 受理日期 登记时间 接收时间",
        "words": "description text message comment comments remarks detail details problem complaint descripcion detalle "
        "motivo observacion descricao texto mensagem motivochamado 内容 报修内容 受理内容 诉求内容 业务内容 故障描述 "
        "故障现象 来电内容 描述 问题描述",
        "channel": "source origin canal origen origem 渠道 受理渠道 来源 受理方式 诉求渠道",
        "customer": "customerid customerno customernumber accountno accountnumber account meterid meterno servicepoint "
        "cliente idcliente numerocliente nis suministro uc unidadeconsumidora instalacao "
        "户号 用户号 客户编号 客户号 用户户号 用电户号 用户id",
        "kind": "type category requesttype calltype tipo tiporeclamo tiposolicitud tipochamado categoria "
        "报修类型 业务类型 诉求类型 故障类型 类型 工单类型",
        "appointment_from": "appointmentstart windowstart citadesde agendamentoinicio 预约开始时间",
        "appointment_to": "appointmentend windowend citahasta agendamentofim 预约结束时间",
    },
    "crews": {
        "id": "crewid crew crewno team teamid unit cuadrilla idcuadrilla equipo brigada equipe turma idequipe "
        "班组id 队伍编号 抢修队编号 班组号",
        "name": "crewname teamname nombrecuadrilla nomeequipe 班组名称 队伍名称 抢修队 抢修班组 队伍",
        "depot": "depotid base yard station home patio central garagem 所属驻地 驻点 所属驻点 供电所 所属供电所 基地",
        "shift_start": "shiftstart start from begin starttime inicio horainicio inicioturno 班次开始 开始时间 上班 当班开始",
        "shift_end": "shiftend end to until endtime fin horafin finturno fim fimturno termino 班次结束 结束时间 下班 当班结束",
        "skills": "skill qualifications habilidades competencias especialidad habilidade 专业 资质 工种 技能资质",
        "people": "members size headcount personas integrantes pessoas membros 班组人数 人员数",
        "overtime_min": "overtime sobretiempo horaextra 加班分钟 加班",
        "vehicle": "truck vehicleid car vehiculo camion veiculo viatura patente placa 车辆编号 车牌 车牌号 车辆号",
        "speed_factor": "speedfactor 车速系数",
        "stock": "materials material parts inventario materiales estoque materiais 物资 车载材料 备件 材料",
        "breaks": "break rest descanso pausa 休息时间",
    },
    "depots": {
        "id": "depotid baseid yardid idbase 驻点编号 基地编号 供电所编号",
        "name": "depotname base yard patio 驻点 驻点名称 驻地 驻地名称 基地 基地名称 站点名称 供电所 供电所名称",
    },
    "transformers": {
        "id": "transformerid transformerno trafo trafoid code codigo idtransformador numero 变压器编号 配变编号 台区编号 台区号 编号 台区 配变",
        "name": "transformername description nombre nome 变压器名称 配变名称 台区名称",
        "feeder": "feederid feedername circuit circuitid alimentador circuito 线路 所属线路 馈线 所属馈线 线路名称",
        "rating_kva": "kva rating capacity ratedpower capacidad potencia potencianominal capacidade 容量 额定容量 配变容量",
    },
    "signs": {
        "at": "time timestamp datetime eventtime occurredat fecha fechahora data datahora 事件时间 发生时间 上报时间",
        "kind": "type event eventtype signal tipo evento tipoevento 事件 事件类型 信号",
        "place": "meter meterid device deviceid customer transformer medidor equipo dispositivo 电表 电表号 表号 设备 设备编号 户号",
    },
    "interruptions": {
        "interruption": "id interruptionid outage outageid event eventid incident incidentid eventno interrupcion "
        "idinterrupcion corte falla numerofalla interrupcao idinterrupcao ocorrencia "
        "停电事件 停电事件编号 事件编号 故障编号 停电编号 编号 序号",
        "off_at": "off offtime start starttime begin outagestart outagestarttime interruptedat timeoff fechainicio inicio "
        "horainicio fechahorainicio datainicio datahorainicio inicioInterrupcao "
        "停电日期 停电开始 停电开始日期 停电开始时间 停电起始时间 开始时间 停电时刻 停电时间",
        "on_at": "on ontime end endtime outageend outageendtime restoredat restored restorationtime timeon fechafin fin "
        "horafin fechahorafin reposicion fechareposicion datafim datahorafim fim restabelecimento "
        "送电日期 送电时刻 复电时刻 恢复供电日期 恢复时间 送电时间 恢复供电时间 复电时间 停电结束 停电结束时间 停电终止时间 结束时间 恢复时刻",
        "customers": "customersaffected customersout customersinterrupted affectedcustomers custaffected numcustomers "
        "clientesafectados clientes usuariosafectados consumidores consumidoresafetados ucsafetadas "
        "停电户数 影响户数 停电用户数 时户数户数 户数 停电总户数",
        "customer": "customerid accountno idcliente uc 户号 用户号 客户编号",
        "operations": "recloses operaciones operacoes 动作次数 重合次数",
        "load_kw": "load kw demand loadlost carga cargakw 停电负荷 损失负荷",
        "planned": "isplanned scheduled programado programada programada 是否计划 是否计划停电 计划",
        "feeder": "feederid feedername circuit circuitid alimentador circuito 馈线 所属线路 线路名称 线路编号",
        "area": "district region zona regiao 供电所 所属区域 地区",
        "grade": "class level clase classe 重要等级 等级",
        "cause": "causecode reason causa motivo 停电原因 故障原因 原因分类 责任原因",
    },
    "planned": {
        "id": "planid outageid plan 计划编号 停电计划编号",
        "start": "from begin starttime inicio 停电开始时间 开始时间 计划开始时间",
        "end": "to until endtime fin fim 停电结束时间 结束时间 计划结束时间 送电时间",
        "open": "devices equipment equipos equipamentos 设备 停电设备名称 停电范围",
        "reason": "cause motivo razon 原因 工作内容 停电工作内容",
    },
    "switches": {
        "id": "switch switchid device deviceid interruptor seccionador chave 开关 设备编号",
        "normal": "normalstate normalstatus estadonormal 正常状态",
        "present": "state status position estado posicion estadoatual 状态 当前位置",
    },
}

# Columns of programs, not of people: numbers of rows and shapes.
ROW_NUMBERS = frozenset(
    [
        "objectid",
        "fid",
        "gid",
        "oid",
        "ogcfid",
        "unnamed",
        "index",
        "rowid",
        "rowno",
        "rownumber",
        "no",
        "nr",
        "nro",
        "numero",
        "num",
        "item",
        "序号",
        "行号",
        "编号序号",
        "shapeleng",
        "shapelength",
        "shapearea",
        "shape",
        "geom",
        "geometry",
        "wkbgeometry",
        "globalid",
    ]
)
_BRACKETS = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
_MARKS = re.compile(r"[\W_]+")


@cache
def bare(heading: str) -> str:
    """A heading without case, accents, marks, and what stands in brackets."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", heading).casefold())
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return _MARKS.sub("", _BRACKETS.sub("", text)) or _MARKS.sub("", text)


@cache
def columns_by_heading(table: str) -> Mapping[str, tuple[str, ...]]:
    """Names of columns by the bare headings that mean them; a table's own words go before everybody's."""
    found: dict[str, tuple[str, ...]] = {}
    for part in (table, "*"):
        for column, words in NAMES.get(part, {}).items():
            for word in (column, *words.split()):
                key = bare(word)
                if column not in found.get(key, ()):
                    found[key] = (*found.get(key, ()), column)
    return found


def is_row_number(heading: str) -> bool:
    """Whether a column is one that programs put in: OBJECTID, Unnamed: 0, 序号."""
    return bare(heading).rstrip("0123456789") in ROW_NUMBERS or bare(heading) == ""
