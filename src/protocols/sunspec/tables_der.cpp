// Models 701 to 715: distributed energy resources after IEEE 1547-2018.
// Facts of github.com/sunspec/models: name, offset, type, registers, scale factor, unit, flags.
#include "protocols/sunspec/tables.hpp"

// clang-format off
namespace iw::sunspec {

namespace {

using enum Type;

constexpr PointDefinition points_701[] = {
    {"ACType", 2, enum16, 1},
    {"St", 3, enum16, 1},
    {"InvSt", 4, enum16, 1},
    {"ConnSt", 5, enum16, 1},
    {"Alrm", 6, bitfield32, 2},
    {"DERMode", 8, bitfield32, 2},
    {"W", 10, int16, 1, "W_SF", "W"},
    {"VA", 11, int16, 1, "VA_SF", "VA"},
    {"Var", 12, int16, 1, "Var_SF", "Var"},
    {"PF", 13, int16, 1, "PF_SF"},
    {"A", 14, int16, 1, "A_SF", "A"},
    {"LLV", 15, uint16, 1, "V_SF", "V"},
    {"LNV", 16, uint16, 1, "V_SF", "V"},
    {"Hz", 17, uint32, 2, "Hz_SF", "Hz"},
    {"TotWhInj", 19, uint64, 4, "TotWh_SF", "Wh"},
    {"TotWhAbs", 23, uint64, 4, "TotWh_SF", "Wh"},
    {"TotVarhInj", 27, uint64, 4, "TotVarh_SF", "Varh"},
    {"TotVarhAbs", 31, uint64, 4, "TotVarh_SF", "Varh"},
    {"TmpAmb", 35, int16, 1, "Tmp_SF", "C"},
    {"TmpCab", 36, int16, 1, "Tmp_SF", "C"},
    {"TmpSnk", 37, int16, 1, "Tmp_SF", "C"},
    {"TmpTrns", 38, int16, 1, "Tmp_SF", "C"},
    {"TmpSw", 39, int16, 1, "Tmp_SF", "C"},
    {"TmpOt", 40, int16, 1, "Tmp_SF", "C"},
    {"WL1", 41, int16, 1, "W_SF", "W"},
    {"VAL1", 42, int16, 1, "VA_SF", "VA"},
    {"VarL1", 43, int16, 1, "Var_SF", "Var"},
    {"PFL1", 44, int16, 1, "PF_SF"},
    {"AL1", 45, int16, 1, "A_SF", "A"},
    {"VL1L2", 46, uint16, 1, "V_SF", "V"},
    {"VL1", 47, uint16, 1, "V_SF", "V"},
    {"TotWhInjL1", 48, uint64, 4, "TotWh_SF", "Wh"},
    {"TotWhAbsL1", 52, uint64, 4, "TotWh_SF", "Wh"},
    {"TotVarhInjL1", 56, uint64, 4, "TotVarh_SF", "Varh"},
    {"TotVarhAbsL1", 60, uint64, 4, "TotVarh_SF", "Varh"},
    {"WL2", 64, int16, 1, "W_SF", "W"},
    {"VAL2", 65, int16, 1, "VA_SF", "VA"},
    {"VarL2", 66, int16, 1, "Var_SF", "Var"},
    {"PFL2", 67, int16, 1, "PF_SF"},
    {"AL2", 68, int16, 1, "A_SF", "A"},
    {"VL2L3", 69, uint16, 1, "V_SF", "V"},
    {"VL2", 70, uint16, 1, "V_SF", "V"},
    {"TotWhInjL2", 71, uint64, 4, "TotWh_SF", "Wh"},
    {"TotWhAbsL2", 75, uint64, 4, "TotWh_SF", "Wh"},
    {"TotVarhInjL2", 79, uint64, 4, "TotVarh_SF", "Varh"},
    {"TotVarhAbsL2", 83, uint64, 4, "TotVarh_SF", "Varh"},
    {"WL3", 87, int16, 1, "W_SF", "W"},
    {"VAL3", 88, int16, 1, "VA_SF", "VA"},
    {"VarL3", 89, int16, 1, "Var_SF", "Var"},
    {"PFL3", 90, int16, 1, "PF_SF"},
    {"AL3", 91, int16, 1, "A_SF", "A"},
    {"VL3L1", 92, uint16, 1, "V_SF", "V"},
    {"VL3", 93, uint16, 1, "V_SF", "V"},
    {"TotWhInjL3", 94, uint64, 4, "TotWh_SF", "Wh"},
    {"TotWhAbsL3", 98, uint64, 4, "TotWh_SF", "Wh"},
    {"TotVarhInjL3", 102, uint64, 4, "TotVarh_SF", "Varh"},
    {"TotVarhAbsL3", 106, uint64, 4, "TotVarh_SF", "Varh"},
    {"ThrotPct", 110, uint16, 1, "", "Pct"},
    {"ThrotSrc", 111, bitfield32, 2},
    {"A_SF", 113, sunssf, 1},
    {"V_SF", 114, sunssf, 1},
    {"Hz_SF", 115, sunssf, 1},
    {"W_SF", 116, sunssf, 1},
    {"PF_SF", 117, sunssf, 1},
    {"VA_SF", 118, sunssf, 1},
    {"Var_SF", 119, sunssf, 1},
    {"TotWh_SF", 120, sunssf, 1},
    {"TotVarh_SF", 121, sunssf, 1},
    {"Tmp_SF", 122, sunssf, 1},
    {"MnAlrmInfo", 123, string, 32},
};

constexpr PointDefinition points_702[] = {
    {"WMaxRtg", 2, uint16, 1, "W_SF", "W"},
    {"WOvrExtRtg", 3, uint16, 1, "W_SF", "W"},
    {"WOvrExtRtgPF", 4, uint16, 1, "PF_SF"},
    {"WUndExtRtg", 5, uint16, 1, "W_SF", "W"},
    {"WUndExtRtgPF", 6, uint16, 1, "PF_SF"},
    {"VAMaxRtg", 7, uint16, 1, "VA_SF", "VA"},
    {"VarMaxInjRtg", 8, uint16, 1, "Var_SF", "Var"},
    {"VarMaxAbsRtg", 9, uint16, 1, "Var_SF", "Var"},
    {"WChaRteMaxRtg", 10, uint16, 1, "W_SF", "W"},
    {"WDisChaRteMaxRtg", 11, uint16, 1, "W_SF", "W"},
    {"VAChaRteMaxRtg", 12, uint16, 1, "VA_SF", "VA"},
    {"VADisChaRteMaxRtg", 13, uint16, 1, "VA_SF", "VA"},
    {"VNomRtg", 14, uint16, 1, "V_SF", "V"},
    {"VMaxRtg", 15, uint16, 1, "V_SF", "V"},
    {"VMinRtg", 16, uint16, 1, "V_SF", "V"},
    {"AMaxRtg", 17, uint16, 1, "A_SF", "A"},
    {"PFOvrExtRtg", 18, uint16, 1, "PF_SF"},
    {"PFUndExtRtg", 19, uint16, 1, "PF_SF"},
    {"ReactSusceptRtg", 20, uint16, 1, "S_SF", "S"},
    {"NorOpCatRtg", 21, enum16, 1},
    {"AbnOpCatRtg", 22, enum16, 1},
    {"CtrlModes", 23, bitfield32, 2},
    {"IntIslandCatRtg", 25, bitfield16, 1},
    {"WMax", 26, uint16, 1, "W_SF", "W", rw},
    {"WMaxOvrExt", 27, uint16, 1, "W_SF", "W", rw},
    {"WOvrExtPF", 28, uint16, 1, "PF_SF", "", rw},
    {"WMaxUndExt", 29, uint16, 1, "W_SF", "W", rw},
    {"WUndExtPF", 30, uint16, 1, "PF_SF", "", rw},
    {"VAMax", 31, uint16, 1, "VA_SF", "VA", rw},
    {"VarMaxInj", 32, uint16, 1, "Var_SF", "Var", rw},
    {"VarMaxAbs", 33, uint16, 1, "Var_SF", "Var", rw},
    {"WChaRteMax", 34, uint16, 1, "W_SF", "W", rw},
    {"WDisChaRteMax", 35, uint16, 1, "W_SF", "W", rw},
    {"VAChaRteMax", 36, uint16, 1, "VA_SF", "VA", rw},
    {"VADisChaRteMax", 37, uint16, 1, "VA_SF", "VA", rw},
    {"VNom", 38, uint16, 1, "V_SF", "V", rw},
    {"VMax", 39, uint16, 1, "V_SF", "V", rw},
    {"VMin", 40, uint16, 1, "V_SF", "V", rw},
    {"AMax", 41, uint16, 1, "A_SF", "A", rw},
    {"PFOvrExt", 42, uint16, 1, "PF_SF", "", rw},
    {"PFUndExt", 43, uint16, 1, "PF_SF", "", rw},
    {"IntIslandCat", 44, bitfield16, 1, "", "", rw},
    {"W_SF", 45, sunssf, 1},
    {"PF_SF", 46, sunssf, 1},
    {"VA_SF", 47, sunssf, 1},
    {"Var_SF", 48, sunssf, 1},
    {"V_SF", 49, sunssf, 1},
    {"A_SF", 50, sunssf, 1},
    {"S_SF", 51, sunssf, 1},
};

constexpr PointDefinition points_703[] = {
    {"ES", 2, enum16, 1, "", "", rw},
    {"ESVHi", 3, uint16, 1, "V_SF", "Pct", rw},
    {"ESVLo", 4, uint16, 1, "V_SF", "Pct", rw},
    {"ESHzHi", 5, uint32, 2, "Hz_SF", "Hz", rw},
    {"ESHzLo", 7, uint32, 2, "Hz_SF", "Hz", rw},
    {"ESDlyTms", 9, uint32, 2, "", "Secs", rw},
    {"ESRndTms", 11, uint32, 2, "", "Secs", rw},
    {"ESRmpTms", 13, uint32, 2, "", "Secs", rw},
    {"ESDlyRemTms", 15, uint32, 2, "", "Secs"},
    {"V_SF", 17, sunssf, 1},
    {"Hz_SF", 18, sunssf, 1},
};

constexpr PointDefinition points_704[] = {
    {"PFWInjEna", 2, enum16, 1, "", "", rw},
    {"PFWInjEnaRvrt", 3, enum16, 1, "", "", rw},
    {"PFWInjRvrtTms", 4, uint32, 2, "", "Secs", rw},
    {"PFWInjRvrtRem", 6, uint32, 2, "", "Secs"},
    {"PFWAbsEna", 8, enum16, 1, "", "", rw},
    {"PFWAbsEnaRvrt", 9, enum16, 1, "", "", rw},
    {"PFWAbsRvrtTms", 10, uint32, 2, "", "Secs", rw},
    {"PFWAbsRvrtRem", 12, uint32, 2, "", "Secs"},
    {"WMaxLimPctEna", 14, enum16, 1, "", "", rw},
    {"WMaxLimPct", 15, uint16, 1, "WMaxLimPct_SF", "Pct", rw},
    {"WMaxLimPctRvrt", 16, uint16, 1, "WMaxLimPct_SF", "Pct", rw},
    {"WMaxLimPctEnaRvrt", 17, enum16, 1, "", "", rw},
    {"WMaxLimPctRvrtTms", 18, uint32, 2, "", "Secs", rw},
    {"WMaxLimPctRvrtRem", 20, uint32, 2, "", "Secs"},
    {"WSetEna", 22, enum16, 1, "", "", rw},
    {"WSetMod", 23, enum16, 1, "", "", rw},
    {"WSet", 24, int32, 2, "WSet_SF", "W", rw},
    {"WSetRvrt", 26, int32, 2, "WSet_SF", "W", rw},
    {"WSetPct", 28, int16, 1, "WSetPct_SF", "Pct", rw},
    {"WSetPctRvrt", 29, int16, 1, "WSetPct_SF", "Pct", rw},
    {"WSetEnaRvrt", 30, enum16, 1, "", "", rw},
    {"WSetRvrtTms", 31, uint32, 2, "", "Secs", rw},
    {"WSetRvrtRem", 33, uint32, 2, "", "Secs"},
    {"VarSetEna", 35, enum16, 1, "", "", rw},
    {"VarSetMod", 36, enum16, 1, "", "", rw},
    {"VarSetPri", 37, enum16, 1, "", "", rw},
    {"VarSet", 38, int32, 2, "VarSet_SF", "Var", rw},
    {"VarSetRvrt", 40, int32, 2, "VarSet_SF", "Var", rw},
    {"VarSetPct", 42, int16, 1, "VarSetPct_SF", "Pct", rw},
    {"VarSetPctRvrt", 43, int16, 1, "VarSetPct_SF", "Pct", rw},
    {"VarSetEnaRvrt", 44, enum16, 1, "", "", rw},
    {"VarSetRvrtTms", 45, uint32, 2, "", "Secs", rw},
    {"VarSetRvrtRem", 47, uint32, 2, "", "Secs"},
    {"WRmp", 49, uint16, 1, "", "%Max/Sec", rw},
    {"WRmpRef", 50, enum16, 1, "", "", rw},
    {"VarRmp", 51, uint16, 1, "", "%Max/Sec", rw},
    {"AntiIslEna", 52, enum16, 1, "", "", rw},
    {"PF_SF", 53, sunssf, 1},
    {"WMaxLimPct_SF", 54, sunssf, 1},
    {"WSet_SF", 55, sunssf, 1},
    {"WSetPct_SF", 56, sunssf, 1},
    {"VarSet_SF", 57, sunssf, 1},
    {"VarSetPct_SF", 58, sunssf, 1},
};

constexpr PointDefinition points_704_PFWInj[] = {
    {"PF", 0, uint16, 1, "PF_SF", "", rw},
    {"Ext", 1, enum16, 1, "", "", rw},
};

constexpr GroupDefinition groups_704[] = {
    {"PFWInj", Repeat::once, "", points_704_PFWInj},
    {"PFWInjRvrt", Repeat::once, "", points_704_PFWInj},
    {"PFWAbs", Repeat::once, "", points_704_PFWInj},
    {"PFWAbsRvrt", Repeat::once, "", points_704_PFWInj},
};

constexpr PointDefinition points_705[] = {
    {"Ena", 2, enum16, 1, "", "", rw},
    {"AdptCrvReq", 3, uint16, 1, "", "", rw},
    {"AdptCrvRslt", 4, enum16, 1},
    {"NPt", 5, uint16, 1},
    {"NCrv", 6, uint16, 1},
    {"RvrtTms", 7, uint32, 2, "", "Secs", rw},
    {"RvrtRem", 9, uint32, 2, "", "Secs"},
    {"RvrtCrv", 11, uint16, 1, "", "", rw},
    {"V_SF", 12, sunssf, 1},
    {"DeptRef_SF", 13, sunssf, 1},
    {"RspTms_SF", 14, sunssf, 1},
};

constexpr PointDefinition points_705_Crv[] = {
    {"ActPt", 0, uint16, 1, "", "", rw},
    {"DeptRef", 1, enum16, 1, "", "", rw},
    {"Pri", 2, enum16, 1, "", "", rw},
    {"VRef", 3, uint16, 1, "V_SF", "VNomPct", rw},
    {"VRefAuto", 4, uint16, 1, "V_SF", "VNomPct"},
    {"VRefAutoEna", 5, enum16, 1, "", "", rw},
    {"VRefAutoTms", 6, uint16, 1, "", "Secs", rw},
    {"RspTms", 7, uint32, 2, "RspTms_SF", "Secs", rw},
    {"ReadOnly", 9, enum16, 1},
};

constexpr PointDefinition points_705_Crv_Pt[] = {
    {"V", 0, uint16, 1, "V_SF", "VNomPct", rw},
    {"Var", 1, int16, 1, "DeptRef_SF", "DeptRef", rw},
};

constexpr GroupDefinition groups_705_Crv[] = {
    {"Pt", Repeat::counted, "NPt", points_705_Crv_Pt},
};

constexpr GroupDefinition groups_705[] = {
    {"Crv", Repeat::counted, "NCrv", points_705_Crv, groups_705_Crv},
};

constexpr PointDefinition points_706_Crv[] = {
    {"ActPt", 0, uint16, 1, "", "", rw},
    {"DeptRef", 1, enum16, 1, "", "", rw},
    {"RspTms", 2, uint32, 2, "RspTms_SF", "Secs", rw},
    {"ReadOnly", 4, enum16, 1},
};

constexpr PointDefinition points_706_Crv_Pt[] = {
    {"V", 0, uint16, 1, "V_SF", "VNomPct", rw},
    {"W", 1, int16, 1, "DeptRef_SF", "DeptRef", rw},
};

constexpr GroupDefinition groups_706_Crv[] = {
    {"Pt", Repeat::counted, "NPt", points_706_Crv_Pt},
};

constexpr GroupDefinition groups_706[] = {
    {"Crv", Repeat::counted, "NCrv", points_706_Crv, groups_706_Crv},
};

constexpr PointDefinition points_707[] = {
    {"Ena", 2, enum16, 1, "", "", rw},
    {"AdptCrvReq", 3, uint16, 1, "", "", rw},
    {"AdptCrvRslt", 4, enum16, 1},
    {"NPt", 5, uint16, 1},
    {"NCrvSet", 6, uint16, 1},
    {"V_SF", 7, sunssf, 1},
    {"Tms_SF", 8, sunssf, 1},
};

constexpr PointDefinition points_707_Crv[] = {
    {"ReadOnly", 0, enum16, 1},
};

constexpr PointDefinition points_707_Crv_MustTrip[] = {
    {"ActPt", 0, uint16, 1, "", "", rw},
};

constexpr PointDefinition points_707_Crv_MustTrip_Pt[] = {
    {"V", 0, uint16, 1, "V_SF", "VNomPct", rw},
    {"Tms", 1, uint32, 2, "Tms_SF", "Secs", rw},
};

constexpr GroupDefinition groups_707_Crv_MustTrip[] = {
    {"Pt", Repeat::counted, "NPt", points_707_Crv_MustTrip_Pt},
};

constexpr GroupDefinition groups_707_Crv[] = {
    {"MustTrip", Repeat::once, "", points_707_Crv_MustTrip, groups_707_Crv_MustTrip},
    {"MayTrip", Repeat::once, "", points_707_Crv_MustTrip, groups_707_Crv_MustTrip},
    {"MomCess", Repeat::once, "", points_707_Crv_MustTrip, groups_707_Crv_MustTrip},
};

constexpr GroupDefinition groups_707[] = {
    {"Crv", Repeat::counted, "NCrvSet", points_707_Crv, groups_707_Crv},
};

constexpr PointDefinition points_709[] = {
    {"Ena", 2, enum16, 1, "", "", rw},
    {"AdptCrvReq", 3, uint16, 1, "", "", rw},
    {"AdptCrvRslt", 4, enum16, 1},
    {"NPt", 5, uint16, 1},
    {"NCrvSet", 6, uint16, 1},
    {"Hz_SF", 7, sunssf, 1},
    {"Tms_SF", 8, sunssf, 1},
};

constexpr PointDefinition points_709_Crv_MustTrip_Pt[] = {
    {"Hz", 0, uint32, 2, "Hz_SF", "Hz", rw},
    {"Tms", 2, uint32, 2, "Tms_SF", "Secs", rw},
};

constexpr GroupDefinition groups_709_Crv_MustTrip[] = {
    {"Pt", Repeat::counted, "NPt", points_709_Crv_MustTrip_Pt},
};

constexpr GroupDefinition groups_709_Crv[] = {
    {"MustTrip", Repeat::once, "", points_707_Crv_MustTrip, groups_709_Crv_MustTrip},
    {"MayTrip", Repeat::once, "", points_707_Crv_MustTrip, groups_709_Crv_MustTrip},
    {"MomCess", Repeat::once, "", points_707_Crv_MustTrip, groups_709_Crv_MustTrip},
};

constexpr GroupDefinition groups_709[] = {
    {"Crv", Repeat::counted, "NCrvSet", points_707_Crv, groups_709_Crv},
};

constexpr PointDefinition points_711[] = {
    {"Ena", 2, enum16, 1, "", "", rw},
    {"AdptCtlReq", 3, uint16, 1, "", "", rw},
    {"AdptCtlRslt", 4, enum16, 1},
    {"NCtl", 5, uint16, 1},
    {"RvrtTms", 6, uint32, 2, "", "Secs", rw},
    {"RvrtRem", 8, uint32, 2, "", "Secs"},
    {"RvrtCtl", 10, uint16, 1, "", "", rw},
    {"Db_SF", 11, sunssf, 1},
    {"K_SF", 12, sunssf, 1},
    {"RspTms_SF", 13, sunssf, 1},
};

constexpr PointDefinition points_711_Ctl[] = {
    {"DbOf", 0, uint32, 2, "Db_SF", "Hz", rw},
    {"DbUf", 2, uint32, 2, "Db_SF", "Hz", rw},
    {"KOf", 4, uint16, 1, "K_SF", "", rw},
    {"KUf", 5, uint16, 1, "K_SF", "", rw},
    {"RspTms", 6, uint32, 2, "RspTms_SF", "Secs", rw},
    {"PMin", 8, int16, 1, "", "Pct", rw},
    {"ReadOnly", 9, enum16, 1},
};

constexpr GroupDefinition groups_711[] = {
    {"Ctl", Repeat::counted, "NCtl", points_711_Ctl},
};

constexpr PointDefinition points_712[] = {
    {"Ena", 2, enum16, 1, "", "", rw},
    {"AdptCrvReq", 3, uint16, 1, "", "", rw},
    {"AdptCrvRslt", 4, enum16, 1},
    {"NPt", 5, uint16, 1},
    {"NCrv", 6, uint16, 1},
    {"RvrtTms", 7, uint32, 2, "", "Secs", rw},
    {"RvrtRem", 9, uint32, 2, "", "Secs"},
    {"RvrtCrv", 11, uint16, 1, "", "", rw},
    {"W_SF", 12, sunssf, 1},
    {"DeptRef_SF", 13, sunssf, 1},
};

constexpr PointDefinition points_712_Crv[] = {
    {"ActPt", 0, uint16, 1, "", "", rw},
    {"DeptRef", 1, enum16, 1, "", "", rw},
    {"Pri", 2, enum16, 1, "", "", rw},
    {"ReadOnly", 3, enum16, 1},
};

constexpr PointDefinition points_712_Crv_Pt[] = {
    {"W", 0, int16, 1, "W_SF", "WMaxPct", rw},
    {"Var", 1, int16, 1, "DeptRef_SF", "VarPct", rw},
};

constexpr GroupDefinition groups_712_Crv[] = {
    {"Pt", Repeat::counted, "NPt", points_712_Crv_Pt},
};

constexpr GroupDefinition groups_712[] = {
    {"Crv", Repeat::counted, "NCrv", points_712_Crv, groups_712_Crv},
};

constexpr PointDefinition points_713[] = {
    {"WHRtg", 2, uint16, 1, "WH_SF", "WH"},
    {"WHAvail", 3, uint16, 1, "WH_SF", "WH"},
    {"SoC", 4, uint16, 1, "Pct_SF", "Pct"},
    {"SoH", 5, uint16, 1, "Pct_SF", "Pct"},
    {"Sta", 6, enum16, 1},
    {"WH_SF", 7, sunssf, 1},
    {"Pct_SF", 8, sunssf, 1},
};

constexpr PointDefinition points_714[] = {
    {"PrtAlrms", 2, bitfield32, 2},
    {"NPrt", 4, uint16, 1},
    {"DCA", 5, int16, 1, "DCA_SF", "A"},
    {"DCW", 6, int16, 1, "DCW_SF", "W"},
    {"DCWhInj", 7, uint64, 4, "DCWH_SF", "Wh"},
    {"DCWhAbs", 11, uint64, 4, "DCWH_SF", "Wh"},
    {"DCA_SF", 15, sunssf, 1},
    {"DCV_SF", 16, sunssf, 1},
    {"DCW_SF", 17, sunssf, 1},
    {"DCWH_SF", 18, sunssf, 1},
    {"Tmp_SF", 19, sunssf, 1},
};

constexpr PointDefinition points_714_Prt[] = {
    {"PrtTyp", 0, enum16, 1},
    {"ID", 1, uint16, 1},
    {"IDStr", 2, string, 8},
    {"DCA", 10, int16, 1, "DCA_SF", "A"},
    {"DCV", 11, uint16, 1, "DCV_SF", "V"},
    {"DCW", 12, int16, 1, "DCW_SF", "W"},
    {"DCWhInj", 13, uint64, 4, "DCWH_SF", "Wh"},
    {"DCWhAbs", 17, uint64, 4, "DCWH_SF", "Wh"},
    {"Tmp", 21, int16, 1, "Tmp_SF", "C"},
    {"DCSta", 22, enum16, 1},
    {"DCAlrm", 23, bitfield32, 2},
};

constexpr GroupDefinition groups_714[] = {
    {"Prt", Repeat::counted, "NPrt", points_714_Prt},
};

constexpr PointDefinition points_715[] = {
    {"LocRemCtl", 2, enum16, 1},
    {"DERHb", 3, uint32, 2},
    {"ControllerHb", 5, uint32, 2, "", "", rw},
    {"AlarmReset", 7, uint16, 1, "", "", rw},
    {"OpCtl", 8, enum16, 1, "", "", rw},
};

constexpr ModelDefinition models[] = {
    {701, "DERMeasureAC", points_701},
    {702, "DERCapacity", points_702},
    {703, "DEREnterService", points_703},
    {704, "DERCtlAC", points_704, groups_704},
    {705, "DERVoltVar", points_705, groups_705},
    {706, "DERVoltWatt", points_705, groups_706},
    {707, "DERTripLV", points_707, groups_707},
    {708, "DERTripHV", points_707, groups_707},
    {709, "DERTripLF", points_709, groups_709},
    {710, "DERTripHF", points_709, groups_709},
    {711, "DERFreqDroop", points_711, groups_711},
    {712, "DERWattVar", points_712, groups_712},
    {713, "DERStorageCapacity", points_713},
    {714, "DERMeasureDC", points_714, groups_714},
    {715, "DERCtl", points_715},
};

static_assert(well_formed(models));

}  // namespace

std::span<const ModelDefinition> der_models() { return models; }

}  // namespace iw::sunspec
