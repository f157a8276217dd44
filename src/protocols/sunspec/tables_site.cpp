// Models 302 to 601: weather, string combiners, panels and trackers.
// Facts of github.com/sunspec/models: name, offset, type, registers, scale factor, unit, flags.
#include "protocols/sunspec/tables.hpp"

// clang-format off
namespace iw::sunspec {

namespace {

using enum Type;

constexpr PointDefinition points_302_repeating[] = {
    {"GHI", 0, uint16, 1, "", "W/m2"},
    {"POAI", 1, uint16, 1, "", "W/m2"},
    {"DFI", 2, uint16, 1, "", "W/m2"},
    {"DNI", 3, uint16, 1, "", "W/m2"},
    {"OTI", 4, uint16, 1, "", "W/m2"},
};

constexpr GroupDefinition groups_302[] = {
    {"repeating", Repeat::to_end, "", points_302_repeating},
};

constexpr PointDefinition points_303_temp[] = {
    {"TmpBOM", 0, int16, 1, "-1", "C"},
};

constexpr GroupDefinition groups_303[] = {
    {"temp", Repeat::to_end, "", points_303_temp},
};

constexpr PointDefinition points_304_incl[] = {
    {"Inclx", 0, int32, 2, "-2", "Degrees"},
    {"Incly", 2, int32, 2, "-2", "Degrees"},
    {"Inclz", 4, int32, 2, "-2", "Degrees"},
};

constexpr GroupDefinition groups_304[] = {
    {"incl", Repeat::to_end, "", points_304_incl},
};

constexpr PointDefinition points_305[] = {
    {"Tm", 2, string, 6, "", "hhmmss.sssZ"},
    {"Date", 8, string, 4, "", "YYYYMMDD"},
    {"Loc", 12, string, 20, "", "text"},
    {"Lat", 32, int32, 2, "-7", "Degrees"},
    {"Long", 34, int32, 2, "-7", "Degrees"},
    {"Alt", 36, int32, 2, "", "meters"},
};

constexpr PointDefinition points_306[] = {
    {"GHI", 2, uint16, 1, "", "W/m2"},
    {"A", 3, uint16, 1, "", "W/m2"},
    {"V", 4, uint16, 1, "", "W/m2"},
    {"Tmp", 5, uint16, 1, "", "W/m2"},
};

constexpr PointDefinition points_307[] = {
    {"TmpAmb", 2, int16, 1, "-1", "C"},
    {"RH", 3, int16, 1, "", "Pct"},
    {"Pres", 4, int16, 1, "", "HPa"},
    {"WndSpd", 5, int16, 1, "", "mps"},
    {"WndDir", 6, int16, 1, "", "deg"},
    {"Rain", 7, int16, 1, "", "mm"},
    {"Snw", 8, int16, 1, "", "mm"},
    {"PPT", 9, int16, 1},
    {"ElecFld", 10, int16, 1, "", "Vm"},
    {"SurWet", 11, int16, 1, "", "kO"},
    {"SoilWet", 12, int16, 1, "", "Pct"},
};

constexpr PointDefinition points_308[] = {
    {"GHI", 2, uint16, 1, "", "W/m2"},
    {"TmpBOM", 3, int16, 1, "-1", "C"},
    {"TmpAmb", 4, int16, 1, "-1", "C"},
    {"WndSpd", 5, uint16, 1, "", "m/s"},
};

constexpr PointDefinition points_401[] = {
    {"DCA_SF", 2, sunssf, 1},
    {"DCAhr_SF", 3, sunssf, 1},
    {"DCV_SF", 4, sunssf, 1},
    {"DCAMax", 5, uint16, 1, "DCA_SF", "A"},
    {"N", 6, count, 1},
    {"Evt", 7, bitfield32, 2},
    {"EvtVnd", 9, bitfield32, 2},
    {"DCA", 11, int16, 1, "DCA_SF", "A"},
    {"DCAhr", 12, uint32, 2, "DCAhr_SF", "Ah"},
    {"DCV", 14, uint16, 1, "DCV_SF", "V"},
    {"Tmp", 15, int16, 1, "", "C"},
};

constexpr PointDefinition points_401_string[] = {
    {"InID", 0, uint16, 1},
    {"InEvt", 1, bitfield32, 2},
    {"InEvtVnd", 3, bitfield32, 2},
    {"InDCA", 5, int16, 1, "DCA_SF", "A"},
    {"InDCAhr", 6, uint32, 2, "DCAhr_SF", "Ah"},
};

constexpr GroupDefinition groups_401[] = {
    {"string", Repeat::to_end, "", points_401_string},
};

constexpr PointDefinition points_402[] = {
    {"DCA_SF", 2, sunssf, 1},
    {"DCAhr_SF", 3, sunssf, 1},
    {"DCV_SF", 4, sunssf, 1},
    {"DCW_SF", 5, sunssf, 1},
    {"DCWh_SF", 6, sunssf, 1},
    {"DCAMax", 7, uint16, 1, "", "A"},
    {"N", 8, count, 1},
    {"Evt", 9, bitfield32, 2},
    {"EvtVnd", 11, bitfield32, 2},
    {"DCA", 13, int16, 1, "DCA_SF", "A"},
    {"DCAhr", 14, uint32, 2, "DCAhr_SF", "Ah"},
    {"DCV", 16, uint16, 1, "DCV_SF", "V"},
    {"Tmp", 17, int16, 1, "", "C"},
    {"DCW", 18, int16, 1, "DCW_SF", "W"},
    {"DCPR", 19, uint16, 1, "", "Pct"},
    {"DCWh", 20, uint32, 2, "DCWh_SF", "Wh"},
};

constexpr PointDefinition points_402_string[] = {
    {"InID", 0, uint16, 1},
    {"InEvt", 1, bitfield32, 2},
    {"EvtVnd", 3, bitfield32, 2},
    {"InDCA", 5, int16, 1, "DCA_SF", "A"},
    {"InDCAhr", 6, uint32, 2, "DCAhr_SF", "Ah"},
    {"InDCV", 8, uint16, 1, "DCV_SF", "V"},
    {"InDCW", 9, int16, 1, "DCWh_SF", "W"},
    {"InDCWh", 10, uint32, 2, "", "Wh"},
    {"InDCPR", 12, uint16, 1, "", "Pct"},
    {"InN", 13, uint16, 1},
};

constexpr GroupDefinition groups_402[] = {
    {"string", Repeat::to_end, "", points_402_string},
};

constexpr PointDefinition points_403[] = {
    {"DCA_SF", 2, sunssf, 1},
    {"DCAhr_SF", 3, sunssf, 1},
    {"DCV_SF", 4, sunssf, 1},
    {"DCAMax", 5, uint16, 1, "DCA_SF", "A"},
    {"N", 6, count, 1},
    {"Evt", 7, bitfield32, 2},
    {"EvtVnd", 9, bitfield32, 2},
    {"DCA", 11, int16, 1, "DCA_SF", "A"},
    {"DCAhr", 12, acc32, 2, "DCAhr_SF", "Ah"},
    {"DCV", 14, int16, 1, "DCV_SF", "V"},
    {"Tmp", 15, int16, 1, "", "C"},
    {"InDCA_SF", 16, sunssf, 1},
    {"InDCAhr_SF", 17, sunssf, 1},
};

constexpr PointDefinition points_403_string[] = {
    {"InID", 0, uint16, 1},
    {"InEvt", 1, bitfield32, 2},
    {"InEvtVnd", 3, bitfield32, 2},
    {"InDCA", 5, int16, 1, "InDCA_SF", "A"},
    {"InDCAhr", 6, acc32, 2, "InDCAhr_SF", "Ah"},
};

constexpr GroupDefinition groups_403[] = {
    {"string", Repeat::to_end, "", points_403_string},
};

constexpr PointDefinition points_404[] = {
    {"DCA_SF", 2, sunssf, 1},
    {"DCAhr_SF", 3, sunssf, 1},
    {"DCV_SF", 4, sunssf, 1},
    {"DCW_SF", 5, sunssf, 1},
    {"DCWh_SF", 6, sunssf, 1},
    {"DCAMax", 7, uint16, 1, "DCA_SF", "A"},
    {"N", 8, count, 1},
    {"Evt", 9, bitfield32, 2},
    {"EvtVnd", 11, bitfield32, 2},
    {"DCA", 13, int16, 1, "DCA_SF", "A"},
    {"DCAhr", 14, acc32, 2, "DCAhr_SF", "Ah"},
    {"DCV", 16, int16, 1, "DCV_SF", "V"},
    {"Tmp", 17, int16, 1, "", "C"},
    {"DCW", 18, int16, 1, "DCW_SF", "W"},
    {"DCPR", 19, int16, 1, "", "Pct"},
    {"DCWh", 20, acc32, 2, "DCWh_SF", "Wh"},
    {"InDCA_SF", 22, sunssf, 1},
    {"InDCAhr_SF", 23, sunssf, 1},
    {"InDCV_SF", 24, sunssf, 1},
    {"InDCW_SF", 25, sunssf, 1},
    {"InDCWh_SF", 26, sunssf, 1},
};

constexpr PointDefinition points_404_string[] = {
    {"InID", 0, uint16, 1},
    {"InEvt", 1, bitfield32, 2},
    {"InEvtVnd", 3, bitfield32, 2},
    {"InDCA", 5, int16, 1, "InDCA_SF", "A"},
    {"InDCAhr", 6, acc32, 2, "InDCAhr_SF", "Ah"},
    {"InDCV", 8, int16, 1, "InDCV_SF", "V"},
    {"InDCW", 9, int16, 1, "InDCW_SF", "W"},
    {"InDCWh", 10, acc32, 2, "InDCWh_SF", "Wh"},
    {"InDCPR", 12, uint16, 1, "", "Pct"},
    {"InN", 13, uint16, 1},
};

constexpr GroupDefinition groups_404[] = {
    {"string", Repeat::to_end, "", points_404_string},
};

constexpr PointDefinition points_501[] = {
    {"Stat", 2, enum16, 1},
    {"StatVend", 3, enum16, 1},
    {"Evt", 4, bitfield32, 2},
    {"EvtVend", 6, bitfield32, 2},
    {"Ctl", 8, enum16, 1, "", "", rw},
    {"CtlVend", 9, enum32, 2, "", "", rw},
    {"CtlVal", 11, int32, 2, "", "", rw},
    {"Tms", 13, uint32, 2, "", "Secs"},
    {"OutA", 15, float32, 2, "", "A"},
    {"OutV", 17, float32, 2, "", "V"},
    {"OutWh", 19, float32, 2, "", "Wh"},
    {"OutW", 21, float32, 2, "", "W"},
    {"Tmp", 23, float32, 2, "", "C"},
    {"InA", 25, float32, 2, "", "A"},
    {"InV", 27, float32, 2, "", "V"},
    {"InWh", 29, float32, 2, "", "Wh"},
    {"InW", 31, float32, 2, "", "W"},
};

constexpr PointDefinition points_502[] = {
    {"A_SF", 2, sunssf, 1},
    {"V_SF", 3, sunssf, 1},
    {"W_SF", 4, sunssf, 1},
    {"Wh_SF", 5, sunssf, 1},
    {"Stat", 6, enum16, 1},
    {"StatVend", 7, enum16, 1},
    {"Evt", 8, bitfield32, 2},
    {"EvtVend", 10, bitfield32, 2},
    {"Ctl", 12, enum16, 1, "", "", rw},
    {"CtlVend", 13, enum32, 2, "", "", rw},
    {"CtlVal", 15, int32, 2, "", "", rw},
    {"Tms", 17, uint32, 2, "", "Secs"},
    {"OutA", 19, int16, 1, "A_SF", "A"},
    {"OutV", 20, int16, 1, "V_SF", "V"},
    {"OutWh", 21, acc32, 2, "Wh_SF", "Wh"},
    {"OutPw", 23, int16, 1, "W_SF", "W"},
    {"Tmp", 24, int16, 1, "", "C"},
    {"InA", 25, int16, 1, "A_SF", "A"},
    {"InV", 26, int16, 1, "V_SF", "V"},
    {"InWh", 27, acc32, 2, "Wh_SF", "Wh"},
    {"InW", 29, int16, 1, "W_SF", "W"},
};

constexpr PointDefinition points_601[] = {
    {"Nam", 2, string, 8},
    {"Typ", 10, enum16, 1},
    {"DtLoc", 11, string, 5, "", "YYYYMMDD"},
    {"TmLoc", 16, string, 3, "", "hhmmss"},
    {"Day", 19, uint16, 1},
    {"GlblElCtl", 20, int32, 2, "Dgr_SF", "Degrees", rw},
    {"GlblAzCtl", 22, int32, 2, "Dgr_SF", "Degrees", rw},
    {"GlblCtl", 24, enum16, 1, "", "", rw},
    {"GlblAlm", 25, bitfield16, 1},
    {"Dgr_SF", 26, sunssf, 1},
    {"N", 27, uint16, 1},
};

constexpr PointDefinition points_601_tracker[] = {
    {"Id", 0, string, 8},
    {"ElTrgt", 8, int32, 2, "Dgr_SF", "Degrees"},
    {"AzTrgt", 10, int32, 2, "Dgr_SF", "Degrees"},
    {"ElPos", 12, int32, 2, "Dgr_SF", "Degrees"},
    {"AzPos", 14, int32, 2, "Dgr_SF", "Degrees"},
    {"ElCtl", 16, int32, 2, "Dgr_SF", "Degrees", rw},
    {"AzCtl", 18, int32, 2, "Dgr_SF", "Degrees", rw},
    {"Ctl", 20, enum16, 1, "", "", rw},
    {"Alm", 21, bitfield16, 1},
};

constexpr GroupDefinition groups_601[] = {
    {"tracker", Repeat::to_end, "", points_601_tracker},
};

constexpr ModelDefinition models[] = {
    {302, "irradiance", {}, groups_302},
    {303, "bom_temp", {}, groups_303},
    {304, "inclinometer", {}, groups_304},
    {305, "location", points_305},
    {306, "ref_point", points_306},
    {307, "base_met", points_307},
    {308, "mini_met", points_308},
    {401, "string_combiner_current", points_401, groups_401},
    {402, "string_combiner_advanced", points_402, groups_402},
    {403, "string_combiner_current_input", points_403, groups_403},
    {404, "string_combiner_advanced_inputs", points_404, groups_404},
    {501, "solar_module_float", points_501},
    {502, "solar_module", points_502},
    {601, "tracker_controller", points_601, groups_601},
};

static_assert(well_formed(models));

}  // namespace

std::span<const ModelDefinition> site_models() { return models; }

}  // namespace iw::sunspec
