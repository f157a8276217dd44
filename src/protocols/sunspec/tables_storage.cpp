// Models 801 to 809: batteries.
// Facts of github.com/sunspec/models: name, offset, type, registers, scale factor, unit, flags.
#include "protocols/sunspec/tables.hpp"

// clang-format off
namespace iw::sunspec {

namespace {

using enum Type;

constexpr PointDefinition points_801[] = {
    {"DEPRECATED", 2, enum16, 1},
};

constexpr PointDefinition points_802[] = {
    {"AHRtg", 2, uint16, 1, "AHRtg_SF", "Ah"},
    {"WHRtg", 3, uint16, 1, "WHRtg_SF", "Wh"},
    {"WChaRteMax", 4, uint16, 1, "WChaDisChaMax_SF", "W"},
    {"WDisChaRteMax", 5, uint16, 1, "WChaDisChaMax_SF", "W"},
    {"DisChaRte", 6, uint16, 1, "DisChaRte_SF", "%WHRtg"},
    {"SoCMax", 7, uint16, 1, "SoC_SF", "%WHRtg"},
    {"SoCMin", 8, uint16, 1, "SoC_SF", "%WHRtg"},
    {"SocRsvMax", 9, uint16, 1, "SoC_SF", "%WHRtg", rw},
    {"SoCRsvMin", 10, uint16, 1, "SoC_SF", "%WHRtg", rw},
    {"SoC", 11, uint16, 1, "SoC_SF", "%WHRtg"},
    {"DoD", 12, uint16, 1, "DoD_SF", "%"},
    {"SoH", 13, uint16, 1, "SoH_SF", "%"},
    {"NCyc", 14, uint32, 2},
    {"ChaSt", 16, enum16, 1},
    {"LocRemCtl", 17, enum16, 1},
    {"Hb", 18, uint16, 1},
    {"CtrlHb", 19, uint16, 1, "", "", rw},
    {"AlmRst", 20, uint16, 1, "", "", rw},
    {"Typ", 21, enum16, 1},
    {"State", 22, enum16, 1},
    {"StateVnd", 23, enum16, 1},
    {"WarrDt", 24, uint32, 2},
    {"Evt1", 26, bitfield32, 2},
    {"Evt2", 28, bitfield32, 2},
    {"EvtVnd1", 30, bitfield32, 2},
    {"EvtVnd2", 32, bitfield32, 2},
    {"V", 34, uint16, 1, "V_SF", "V"},
    {"VMax", 35, uint16, 1, "V_SF", "V"},
    {"VMin", 36, uint16, 1, "V_SF", "V"},
    {"CellVMax", 37, uint16, 1, "CellV_SF", "V"},
    {"CellVMaxStr", 38, uint16, 1},
    {"CellVMaxMod", 39, uint16, 1},
    {"CellVMin", 40, uint16, 1, "CellV_SF", "V"},
    {"CellVMinStr", 41, uint16, 1},
    {"CellVMinMod", 42, uint16, 1},
    {"CellVAvg", 43, uint16, 1, "CellV_SF", "V"},
    {"A", 44, int16, 1, "A_SF", "A"},
    {"AChaMax", 45, uint16, 1, "AMax_SF", "A"},
    {"ADisChaMax", 46, uint16, 1, "AMax_SF", "A"},
    {"W", 47, int16, 1, "W_SF", "W"},
    {"ReqInvState", 48, enum16, 1},
    {"ReqW", 49, int16, 1, "W_SF", "W"},
    {"SetOp", 50, enum16, 1, "", "", rw},
    {"SetInvState", 51, enum16, 1, "", "", rw},
    {"AHRtg_SF", 52, sunssf, 1},
    {"WHRtg_SF", 53, sunssf, 1},
    {"WChaDisChaMax_SF", 54, sunssf, 1},
    {"DisChaRte_SF", 55, sunssf, 1},
    {"SoC_SF", 56, sunssf, 1},
    {"DoD_SF", 57, sunssf, 1},
    {"SoH_SF", 58, sunssf, 1},
    {"V_SF", 59, sunssf, 1},
    {"CellV_SF", 60, sunssf, 1},
    {"A_SF", 61, sunssf, 1},
    {"AMax_SF", 62, sunssf, 1},
    {"W_SF", 63, sunssf, 1},
};

constexpr PointDefinition points_803[] = {
    {"NStr", 2, uint16, 1},
    {"NStrCon", 3, uint16, 1},
    {"ModTmpMax", 4, int16, 1, "ModTmp_SF", "C"},
    {"ModTmpMaxStr", 5, uint16, 1},
    {"ModTmpMaxMod", 6, uint16, 1},
    {"ModTmpMin", 7, int16, 1, "ModTmp_SF", "C"},
    {"ModTmpMinStr", 8, uint16, 1},
    {"ModTmpMinMod", 9, uint16, 1},
    {"ModTmpAvg", 10, int16, 1, "ModTmp_SF", "C"},
    {"StrVMax", 11, uint16, 1, "V_SF", "V"},
    {"StrVMaxStr", 12, uint16, 1},
    {"StrVMin", 13, uint16, 1, "V_SF", "V"},
    {"StrVMinStr", 14, uint16, 1},
    {"StrVAvg", 15, uint16, 1, "V_SF", "V"},
    {"StrAMax", 16, int16, 1, "A_SF", "A"},
    {"StrAMaxStr", 17, uint16, 1},
    {"StrAMin", 18, int16, 1, "A_SF", "A"},
    {"StrAMinStr", 19, uint16, 1},
    {"StrAAvg", 20, int16, 1, "A_SF", "A"},
    {"NCellBal", 21, uint16, 1},
    {"CellV_SF", 22, sunssf, 1},
    {"ModTmp_SF", 23, sunssf, 1},
    {"A_SF", 24, sunssf, 1},
    {"SoH_SF", 25, sunssf, 1},
    {"SoC_SF", 26, sunssf, 1},
    {"V_SF", 27, sunssf, 1},
};

constexpr PointDefinition points_803_string[] = {
    {"StrNMod", 0, uint16, 1},
    {"StrSt", 1, bitfield32, 2},
    {"StrConFail", 3, enum16, 1},
    {"StrSoC", 4, uint16, 1, "SoC_SF", "%"},
    {"StrSoH", 5, uint16, 1, "SoH_SF", "%"},
    {"StrA", 6, int16, 1, "A_SF", "A"},
    {"StrCellVMax", 7, uint16, 1, "CellV_SF", "V"},
    {"StrCellVMaxMod", 8, uint16, 1},
    {"StrCellVMin", 9, uint16, 1, "CellV_SF", "V"},
    {"StrCellVMinMod", 10, uint16, 1},
    {"StrCellVAvg", 11, uint16, 1, "CellV_SF", "V"},
    {"StrModTmpMax", 12, int16, 1, "ModTmp_SF", "C"},
    {"StrModTmpMaxMod", 13, uint16, 1},
    {"StrModTmpMin", 14, int16, 1, "ModTmp_SF", "C"},
    {"StrModTmpMinMod", 15, uint16, 1},
    {"StrModTmpAvg", 16, int16, 1, "ModTmp_SF", "C"},
    {"StrDisRsn", 17, enum16, 1},
    {"StrConSt", 18, bitfield32, 2},
    {"StrEvt1", 20, bitfield32, 2},
    {"StrEvt2", 22, bitfield32, 2},
    {"StrEvtVnd1", 24, bitfield32, 2},
    {"StrEvtVnd2", 26, bitfield32, 2},
    {"StrSetEna", 28, enum16, 1, "", "", rw},
    {"StrSetCon", 29, enum16, 1, "", "", rw},
    {"Pad1", 30, pad, 1},
    {"Pad2", 31, pad, 1},
};

constexpr GroupDefinition groups_803[] = {
    {"string", Repeat::counted, "NStr", points_803_string},
};

constexpr PointDefinition points_804[] = {
    {"Idx", 2, uint16, 1},
    {"NMod", 3, uint16, 1},
    {"St", 4, bitfield32, 2},
    {"ConFail", 6, enum16, 1},
    {"NCellBal", 7, uint16, 1},
    {"SoC", 8, uint16, 1, "SoC_SF", "%"},
    {"DoD", 9, uint16, 1, "DoD_SF", "%"},
    {"NCyc", 10, uint32, 2},
    {"SoH", 12, uint16, 1, "SoH_SF", "%"},
    {"A", 13, int16, 1, "A_SF", "A"},
    {"V", 14, uint16, 1, "V_SF", "V"},
    {"CellVMax", 15, uint16, 1, "CellV_SF", "V"},
    {"CellVMaxMod", 16, uint16, 1},
    {"CellVMin", 17, uint16, 1, "CellV_SF", "V"},
    {"CellVMinMod", 18, uint16, 1},
    {"CellVAvg", 19, uint16, 1, "CellV_SF", "V"},
    {"ModTmpMax", 20, int16, 1, "ModTmp_SF", "C"},
    {"ModTmpMaxMod", 21, uint16, 1},
    {"ModTmpMin", 22, int16, 1, "ModTmp_SF", "C"},
    {"ModTmpMinMod", 23, uint16, 1},
    {"ModTmpAvg", 24, int16, 1, "ModTmp_SF", "C"},
    {"Pad1", 25, pad, 1},
    {"ConSt", 26, bitfield32, 2},
    {"Evt1", 28, bitfield32, 2},
    {"Evt2", 30, bitfield32, 2},
    {"EvtVnd1", 32, bitfield32, 2},
    {"EvtVnd2", 34, bitfield32, 2},
    {"SetEna", 36, enum16, 1, "", "", rw},
    {"SetCon", 37, enum16, 1, "", "", rw},
    {"SoC_SF", 38, sunssf, 1},
    {"SoH_SF", 39, sunssf, 1},
    {"DoD_SF", 40, sunssf, 1},
    {"A_SF", 41, sunssf, 1},
    {"V_SF", 42, sunssf, 1},
    {"CellV_SF", 43, sunssf, 1},
    {"ModTmp_SF", 44, sunssf, 1},
    {"Pad2", 45, pad, 1},
    {"Pad3", 46, pad, 1},
    {"Pad4", 47, pad, 1},
};

constexpr PointDefinition points_804_lithium_ion_string_module[] = {
    {"ModNCell", 0, uint16, 1},
    {"ModSoC", 1, uint16, 1, "SoC_SF", "%"},
    {"ModSoH", 2, uint16, 1, "SoH_SF", "%"},
    {"ModCellVMax", 3, uint16, 1, "CellV_SF", "V"},
    {"ModCellVMaxCell", 4, uint16, 1},
    {"ModCellVMin", 5, uint16, 1, "CellV_SF", "V"},
    {"ModCellVMinCell", 6, uint16, 1},
    {"ModCellVAvg", 7, uint16, 1, "CellV_SF", "V"},
    {"ModCellTmpMax", 8, int16, 1, "ModTmp_SF", "C"},
    {"ModCellTmpMaxCell", 9, uint16, 1},
    {"ModCellTmpMin", 10, int16, 1, "ModTmp_SF", "C"},
    {"ModCellTmpMinCell", 11, uint16, 1},
    {"ModCellTmpAvg", 12, int16, 1, "ModTmp_SF", "C"},
    {"Pad5", 13, pad, 1},
    {"Pad6", 14, pad, 1},
    {"Pad7", 15, pad, 1},
};

constexpr GroupDefinition groups_804[] = {
    {"lithium_ion_string_module", Repeat::counted, "NMod", points_804_lithium_ion_string_module},
};

constexpr PointDefinition points_805[] = {
    {"StrIdx", 2, uint16, 1},
    {"ModIdx", 3, uint16, 1},
    {"NCell", 4, uint16, 1},
    {"SoC", 5, uint16, 1, "SoC_SF", "%"},
    {"DoD", 6, uint16, 1, "DoD_SF", "%"},
    {"SoH", 7, uint16, 1, "SoH_SF", "%"},
    {"NCyc", 8, uint32, 2},
    {"V", 10, uint16, 1, "V_SF", "V"},
    {"CellVMax", 11, uint16, 1, "CellV_SF", "V"},
    {"CellVMaxCell", 12, uint16, 1},
    {"CellVMin", 13, uint16, 1, "CellV_SF", "V"},
    {"CellVMinCell", 14, uint16, 1},
    {"CellVAvg", 15, uint16, 1, "CellV_SF", "V"},
    {"CellTmpMax", 16, int16, 1, "Tmp_SF", "C"},
    {"CellTmpMaxCell", 17, uint16, 1},
    {"CellTmpMin", 18, int16, 1, "Tmp_SF", "C"},
    {"CellTmpMinCell", 19, uint16, 1},
    {"CellTmpAvg", 20, int16, 1, "Tmp_SF", "C"},
    {"NCellBal", 21, uint16, 1},
    {"SN", 22, string, 16},
    {"SoC_SF", 38, sunssf, 1},
    {"SoH_SF", 39, sunssf, 1},
    {"DoD_SF", 40, sunssf, 1},
    {"V_SF", 41, sunssf, 1},
    {"CellV_SF", 42, sunssf, 1},
    {"Tmp_SF", 43, sunssf, 1},
};

constexpr PointDefinition points_805_lithium_ion_module_cell[] = {
    {"CellV", 0, uint16, 1, "CellV_SF", "V"},
    {"CellTmp", 1, int16, 1, "Tmp_SF", "C"},
    {"CellSt", 2, bitfield32, 2},
};

constexpr GroupDefinition groups_805[] = {
    {"lithium-ion-module-cell", Repeat::to_end, "", points_805_lithium_ion_module_cell},
};

constexpr PointDefinition points_806[] = {
    {"BatTBD", 2, uint16, 1},
};

constexpr PointDefinition points_806_battery_string[] = {
    {"BatStTBD", 0, uint16, 1},
};

constexpr GroupDefinition groups_806[] = {
    {"battery_string", Repeat::to_end, "", points_806_battery_string},
};

constexpr PointDefinition points_807[] = {
    {"Idx", 2, uint16, 1},
    {"NMod", 3, uint16, 1},
    {"NModCon", 4, uint16, 1},
    {"ModVMax", 5, uint16, 1, "ModV_SF", "V"},
    {"ModVMaxMod", 6, uint16, 1},
    {"ModVMin", 7, uint16, 1, "ModV_SF", "V"},
    {"ModVMinMod", 8, uint16, 1},
    {"ModVAvg", 9, uint16, 1, "ModV_SF", "V"},
    {"CellVMax", 10, uint16, 1, "CellV_SF", "V"},
    {"CellVMaxMod", 11, uint16, 1},
    {"CellVMaxStk", 12, uint16, 1},
    {"CellVMin", 13, uint16, 1, "CellV_SF", "V"},
    {"CellVMinMod", 14, uint16, 1},
    {"CellVMinStk", 15, uint16, 1},
    {"CellVAvg", 16, uint16, 1, "CellV_SF", "V"},
    {"TmpMax", 17, int16, 1, "Tmp_SF", "C"},
    {"TmpMaxMod", 18, uint16, 1},
    {"TmpMin", 19, int16, 1, "Tmp_SF", "C"},
    {"TmpMinMod", 20, uint16, 1},
    {"TmpAvg", 21, int16, 1, "Tmp_SF", "C"},
    {"Evt1", 22, bitfield32, 2},
    {"Evt2", 24, bitfield32, 2},
    {"EvtVnd1", 26, bitfield32, 2},
    {"EvtVnd2", 28, bitfield32, 2},
    {"ModV_SF", 30, sunssf, 1},
    {"CellV_SF", 31, sunssf, 1},
    {"Tmp_SF", 32, sunssf, 1},
    {"SoC_SF", 33, sunssf, 1},
    {"OCV_SF", 34, sunssf, 1},
    {"Pad1", 35, pad, 1},
};

constexpr PointDefinition points_807_module[] = {
    {"ModIdx", 0, uint16, 1},
    {"ModNStk", 1, uint16, 1},
    {"ModSt", 2, bitfield32, 2},
    {"ModSoC", 4, uint16, 1, "SoC_SF", "%"},
    {"ModOCV", 5, uint16, 1, "OCV_SF", "V"},
    {"ModV", 6, uint16, 1, "ModV_SF", "V"},
    {"ModCellVMax", 7, uint16, 1, "CellV_SF", "V"},
    {"ModCellVMaxCell", 8, uint16, 1},
    {"ModCellVMin", 9, uint16, 1, "CellV_SF", "V"},
    {"ModCellVMinCell", 10, uint16, 1},
    {"ModCellVAvg", 11, uint16, 1, "CellV_SF", "V"},
    {"ModAnoTmp", 12, uint16, 1, "Tmp_SF", "C"},
    {"ModCatTmp", 13, uint16, 1, "Tmp_SF", "C"},
    {"ModConSt", 14, bitfield32, 2},
    {"ModEvt1", 16, bitfield32, 2},
    {"ModEvt2", 18, bitfield32, 2},
    {"ModConFail", 20, enum16, 1},
    {"ModSetEna", 21, enum16, 1, "", "", rw},
    {"ModSetCon", 22, enum16, 1, "", "", rw},
    {"ModDisRsn", 23, enum16, 1},
};

constexpr GroupDefinition groups_807[] = {
    {"module", Repeat::to_end, "", points_807_module},
};

constexpr PointDefinition points_808[] = {
    {"ModuleTBD", 2, uint16, 1},
};

constexpr PointDefinition points_808_stack[] = {
    {"StackTBD", 0, uint16, 1},
};

constexpr GroupDefinition groups_808[] = {
    {"stack", Repeat::to_end, "", points_808_stack},
};

constexpr PointDefinition points_809[] = {
    {"StackTBD", 2, uint16, 1},
};

constexpr PointDefinition points_809_cell[] = {
    {"CellTBD", 0, uint16, 1},
};

constexpr GroupDefinition groups_809[] = {
    {"cell", Repeat::to_end, "", points_809_cell},
};

constexpr ModelDefinition models[] = {
    {801, "storage", points_801},
    {802, "battery", points_802},
    {803, "lithium_ion_bank", points_803, groups_803},
    {804, "lithium_ion_string", points_804, groups_804},
    {805, "lithium-ion-module", points_805, groups_805},
    {806, "flow_battery", points_806, groups_806},
    {807, "flow_battery_string", points_807, groups_807},
    {808, "flow_battery_module", points_808, groups_808},
    {809, "flow_battery_stack", points_809, groups_809},
};

static_assert(well_formed(models));

}  // namespace

std::span<const ModelDefinition> storage_models() { return models; }

}  // namespace iw::sunspec
