// Models 63001 to 64415: test models and models of single vendors.
// Facts of github.com/sunspec/models: name, offset, type, registers, scale factor, unit, flags.
#include "protocols/sunspec/tables.hpp"

// clang-format off
namespace iw::sunspec {

namespace {

using enum Type;

constexpr PointDefinition points_63001[] = {
    {"sunssf_1", 2, sunssf, 1},
    {"sunssf_2", 3, sunssf, 1},
    {"sunssf_3", 4, sunssf, 1},
    {"sunssf_4", 5, sunssf, 1},
    {"int16_1", 6, int16, 1, "sunssf_1"},
    {"int16_2", 7, int16, 1, "sunssf_2"},
    {"int16_3", 8, int16, 1, "sunssf_3"},
    {"int16_4", 9, int16, 1, "sunssf_4", "", rw},
    {"int16_5", 10, int16, 1},
    {"int16_u", 11, int16, 1},
    {"uint16_1", 12, uint16, 1, "sunssf_1"},
    {"uint16_2", 13, uint16, 1, "sunssf_2"},
    {"uint16_3", 14, uint16, 1, "sunssf_3"},
    {"uint16_4", 15, uint16, 1, "sunssf_4", "", rw},
    {"uint16_5", 16, uint16, 1},
    {"uint16_u", 17, uint16, 1},
    {"acc16", 18, acc16, 1},
    {"acc16_u", 19, acc16, 1},
    {"enum16", 20, enum16, 1},
    {"enum16_u", 21, enum16, 1},
    {"bitfield16", 22, bitfield16, 1},
    {"bitfield16_u", 23, bitfield16, 1},
    {"int32_1", 24, int32, 2, "sunssf_5"},
    {"int32_2", 26, int32, 2, "sunssf_6"},
    {"int32_3", 28, int32, 2, "sunssf_7", "", rw},
    {"int32_4", 30, int32, 2},
    {"int32_5", 32, int32, 2},
    {"int32_u", 34, int32, 2},
    {"uint32_1", 36, uint32, 2, "sunssf_5"},
    {"uint32_2", 38, uint32, 2, "sunssf_6"},
    {"uint32_3", 40, uint32, 2, "sunssf_7", "", rw},
    {"uint32_4", 42, uint32, 2, "1"},
    {"uint32_5", 44, uint32, 2},
    {"uint32_u", 46, uint32, 2},
    {"acc32", 48, acc32, 2},
    {"acc32_u", 50, acc32, 2},
    {"enum32", 52, enum32, 2},
    {"enum32_u", 54, enum32, 2},
    {"bitfield32", 56, bitfield32, 2},
    {"bitfield32_u", 58, bitfield32, 2},
    {"ipaddr", 60, ipaddr, 2, "", "", rw},
    {"ipaddr_u", 62, ipaddr, 2},
    {"int64", 64, int64, 4, "", "", rw},
    {"int64_u", 68, int64, 4},
    {"acc64", 72, acc64, 4},
    {"acc64_u", 76, acc64, 4},
    {"ipv6addr", 80, ipv6addr, 8},
    {"ipv6addr_u", 88, ipv6addr, 8},
    {"float32", 96, float32, 2, "", "", rw},
    {"float32_u", 98, float32, 2},
    {"string", 100, string, 16, "", "", rw},
    {"string_u", 116, string, 16},
    {"sunssf_5", 132, sunssf, 1},
    {"sunssf_6", 133, sunssf, 1},
    {"sunssf_7", 134, sunssf, 1},
    {"pad_1", 135, pad, 1},
};

constexpr PointDefinition points_63001_repeating[] = {
    {"sunssf_8", 0, sunssf, 1},
    {"int16_11", 1, int16, 1, "sunssf_8", "", rw},
    {"int16_12", 2, int16, 1, "sunssf_9"},
    {"int16_u", 3, int16, 1},
    {"uint16_11", 4, uint16, 1, "sunssf_8", "", rw},
    {"uint16_12", 5, uint16, 1, "sunssf_9"},
    {"uint16_13", 6, uint16, 1},
    {"uint16_u", 7, uint16, 1},
    {"int32", 8, int32, 2, "sunssf_1", "", rw},
    {"int32_u", 10, int32, 2},
    {"uint32", 12, uint32, 2, "sunssf_9", "", rw},
    {"uint32_u", 14, uint32, 2},
    {"sunssf_9", 16, sunssf, 1},
    {"pad_2", 17, pad, 1},
};

constexpr GroupDefinition groups_63001[] = {
    {"repeating", Repeat::to_end, "", points_63001_repeating},
};

constexpr PointDefinition points_63002_repeating[] = {
    {"sunssf_1", 0, sunssf, 1},
    {"int16_1", 1, int16, 1, "sunssf_1", "", rw},
    {"int16_2", 2, int16, 1, "sunssf_2"},
    {"sunssf_2", 3, sunssf, 1},
};

constexpr GroupDefinition groups_63002[] = {
    {"repeating", Repeat::to_end, "", points_63002_repeating},
};

constexpr PointDefinition points_64001[] = {
    {"Cmd", 2, enum16, 1, "", "", rw},
    {"HWRev", 3, uint16, 1},
    {"RSFWRev", 4, uint16, 1},
    {"OSFWRev", 5, uint16, 1},
    {"ProdRev", 6, string, 2},
    {"Boots", 8, uint16, 1},
    {"Switch", 9, bitfield16, 1},
    {"Sensors", 10, uint16, 1},
    {"Talking", 11, uint16, 1},
    {"Status", 12, bitfield16, 1},
    {"Config", 13, bitfield16, 1},
    {"LEDblink", 14, uint16, 1, "", "Pct"},
    {"LEDon", 15, uint16, 1, "", "Pct"},
    {"Reserved", 16, uint16, 1},
    {"Loc", 17, string, 16},
    {"S1ID", 33, enum16, 1},
    {"S1Addr", 34, uint16, 1},
    {"S1OSVer", 35, uint16, 1},
    {"S1Ver", 36, string, 2},
    {"S1Serial", 38, string, 5},
    {"S2ID", 43, enum16, 1},
    {"S2Addr", 44, uint16, 1},
    {"S2OSVer", 45, uint16, 1},
    {"S2Ver", 46, string, 2},
    {"S2Serial", 48, string, 5},
    {"S3ID", 53, enum16, 1},
    {"S3Addr", 54, uint16, 1},
    {"S3OSVer", 55, uint16, 1},
    {"S3Ver", 56, string, 2},
    {"S3Serial", 58, string, 5},
    {"S4ID", 63, enum16, 1},
    {"S4Addr", 64, uint16, 1},
    {"S4OSVer", 65, uint16, 1},
    {"S4Ver", 66, string, 2},
    {"S4Serial", 68, string, 5},
};

constexpr PointDefinition points_64020[] = {
    {"Aux0Tmp", 2, int16, 1, "", "C"},
    {"Aux1Tmp", 3, int16, 1, "", "C"},
    {"Aux2Tmp", 4, int16, 1, "", "C"},
    {"Aux3Tmp", 5, int16, 1, "", "C"},
    {"Aux4Tmp", 6, int16, 1, "", "C"},
    {"ProbeTmp", 7, int16, 1, "", "C"},
    {"MainTmp", 8, int16, 1, "", "C"},
    {"SensorV_SF", 9, sunssf, 1},
    {"SensorA_SF", 10, sunssf, 1},
    {"SensorHz_SF", 11, sunssf, 1},
    {"Sensor1Voltage", 12, int16, 1, "SensorV_SF", "V"},
    {"Sensor2Voltage", 13, int16, 1, "SensorV_SF", "V"},
    {"Sensor3Voltage", 14, int16, 1, "SensorV_SF", "V"},
    {"Sensor4Voltage", 15, int16, 1, "SensorV_SF", "V"},
    {"Sensor5Voltage", 16, int16, 1, "SensorV_SF", "V"},
    {"Sensor6Voltage", 17, int16, 1, "SensorV_SF", "V"},
    {"Sensor7Voltage", 18, int16, 1, "SensorV_SF", "V"},
    {"Sensor1Current", 19, int16, 1, "SensorA_SF", "A"},
    {"Sensor2Current", 20, int16, 1, "SensorA_SF", "A"},
    {"Sensor3Current", 21, int16, 1, "SensorA_SF", "A"},
    {"Sensor4Current", 22, int16, 1, "SensorA_SF", "A"},
    {"Sensor5Current", 23, int16, 1, "SensorA_SF", "A"},
    {"Sensor6Current", 24, int16, 1, "SensorA_SF", "A"},
    {"Sensor7Current", 25, int16, 1, "SensorA_SF", "A"},
    {"Sensor8", 26, uint16, 1, "SensorHz_SF", "Hz"},
    {"Relay1", 27, uint16, 1},
    {"Relay2", 28, uint16, 1},
    {"Relay3", 29, uint16, 1},
    {"ResetAccumulators", 30, uint16, 1},
    {"Reset", 31, uint16, 1},
};

constexpr PointDefinition points_64020_repeating[] = {
    {"SerialNumber", 0, string, 9},
    {"Firmware", 9, string, 6},
    {"Hardware", 15, uint16, 1},
};

constexpr GroupDefinition groups_64020[] = {
    {"repeating", Repeat::to_end, "", points_64020_repeating},
};

constexpr PointDefinition points_64101[] = {
    {"Eltek_Country_Code", 2, uint16, 1},
    {"Eltek_Feeding_Phase", 3, uint16, 1},
    {"Eltek_APD_Method", 4, uint16, 1},
    {"Eltek_APD_Power_Ref", 5, uint16, 1},
    {"Eltek_RPS_Method", 6, uint16, 1},
    {"Eltek_RPS_Q_Ref", 7, uint16, 1},
    {"Eltek_RPS_CosPhi_Ref", 8, int16, 1},
};

constexpr PointDefinition points_64111[] = {
    {"Port", 2, uint16, 1},
    {"V_SF", 3, sunssf, 1},
    {"A_SF", 4, sunssf, 1},
    {"P_SF", 5, sunssf, 1},
    {"AH_SF", 6, sunssf, 1},
    {"KWH_SF", 7, sunssf, 1},
    {"BattV", 8, uint16, 1, "V_SF", "V"},
    {"ArrayV", 9, uint16, 1, "V_SF", "V"},
    {"OutputA", 10, uint16, 1, "A_SF", "A"},
    {"InputA", 11, uint16, 1, "P_SF", "A"},
    {"ChargerSt", 12, enum16, 1},
    {"OutputW", 13, uint16, 1, "P_SF", "W"},
    {"TodayMinBatV", 14, uint16, 1, "V_SF", "V"},
    {"TodayMaxBatV", 15, uint16, 1, "V_SF", "V"},
    {"VOCV", 16, uint16, 1, "V_SF", "V"},
    {"TodayMaxVOC", 17, uint16, 1, "V_SF", "V"},
    {"TodaykWhOutput", 18, uint16, 1, "KWH_SF", "kWh"},
    {"TodayAHOutput", 19, uint16, 1, "AH_SF", "AH"},
    {"LifeTimeKWHOut", 20, uint16, 1, "P_SF", "kWh"},
    {"LifeTimeAHOut", 21, uint16, 1, "KWH_SF", "kAH"},
    {"LifeTimeMaxOut", 22, uint16, 1, "P_SF", "W"},
    {"LifeTimeMaxBatt", 23, uint16, 1, "V_SF", "V"},
    {"LifeTimeMaxVOC", 24, uint16, 1, "V_SF", "V"},
};

constexpr PointDefinition points_64112[] = {
    {"Port", 2, uint16, 1},
    {"V_SF", 3, sunssf, 1},
    {"C_SF", 4, sunssf, 1},
    {"H_SF", 5, sunssf, 1},
    {"P_SF", 6, sunssf, 1},
    {"AH_SF", 7, sunssf, 1},
    {"KWH_SF", 8, sunssf, 1},
    {"CC_Config_fault", 9, bitfield16, 1},
    {"CC_Config_absorb_V", 10, uint16, 1, "V_SF", "V"},
    {"CC_Config_absorb_Hr", 11, uint16, 1, "H_SF", "Tmh"},
    {"CC_Config_absorb_End_A", 12, uint16, 1, "V_SF", "A"},
    {"CC_Config_rebulk_V", 13, uint16, 1, "V_SF", "V"},
    {"CC_Config_float_V", 14, uint16, 1, "V_SF", "V"},
    {"CC_Config_max_Chg_A", 15, uint16, 1, "V_SF", "A"},
    {"CC_Config_equalize_V", 16, uint16, 1, "V_SF", "V"},
    {"CC_Config_equalize_Hr", 17, uint16, 1, "", "Tmh"},
    {"CC_Config_auto_equalize", 18, uint16, 1, "", "Tmd"},
    {"CC_Config_MPPT_mode", 19, enum16, 1},
    {"CC_Config_sweep_width", 20, enum16, 1},
    {"CC_Config_sweep_max", 21, enum16, 1},
    {"CC_Config_U_Pick_Duty_cyc", 22, uint16, 1, "V_SF", "Pct"},
    {"CC_Config_grid_tie", 23, enum16, 1},
    {"CC_Config_temp_comp", 24, enum16, 1},
    {"CC_Config_temp_comp_llimt", 25, uint16, 1, "V_SF", "V"},
    {"CC_Config_temp_comp_hlimt", 26, uint16, 1, "V_SF", "V"},
    {"CC_Config_auto_restart", 27, enum16, 1},
    {"CC_Config_wakeup_VOC", 28, uint16, 1, "V_SF", "V"},
    {"CC_Config_snooze_mode_A", 29, uint16, 1, "V_SF", "A"},
    {"CC_Config_wakeup_interval", 30, uint16, 1, "", "Tms"},
    {"CC_Config_AUX_mode", 31, enum16, 1},
    {"CC_Config_AUX_control", 32, enum16, 1},
    {"CC_Config_AUX_state", 33, enum16, 1},
    {"CC_Config_AUX_polarity", 34, enum16, 1},
    {"CC_Config_AUX_L_Batt_disc", 35, uint16, 1, "V_SF", "V"},
    {"CC_Config_AUX_L_Batt_rcon", 36, uint16, 1, "V_SF", "V"},
    {"CC_Config_AUX_L_Batt_dly", 37, uint16, 1, "", "Tms"},
    {"CC_Config_AUX_Vent_fan_V", 38, uint16, 1, "V_SF", "V"},
    {"CC_Config_AUX_PV_triggerV", 39, uint16, 1, "V_SF", "V"},
    {"CC_Config_AUX_PV_trg_h_tm", 40, uint16, 1, "", "Tms"},
    {"CC_Config_AUX_Nlite_ThrsV", 41, uint16, 1, "V_SF", "V"},
    {"CC_Config_AUX_Nlite_On_tm", 42, uint16, 1, "H_SF", "Tmh"},
    {"CC_Config_AUX_Nlite_On_hist", 43, uint16, 1, "", "Tms"},
    {"CC_Config_AUX_Nlite_Off_hist", 44, uint16, 1, "", "Tms"},
    {"CC_Config_AUX_Error_batt_V", 45, uint16, 1, "V_SF", "V"},
    {"CC_Config_AUX_Divert_h_time", 46, uint16, 1, "V_SF", "Tms"},
    {"CC_Config_AUX_Divert_dly_time", 47, uint16, 1, "", "Tms"},
    {"CC_Config_AUX_Divert_Rel_V", 48, uint16, 1, "V_SF", "V"},
    {"CC_Config_AUX_Divert_Hyst_V", 49, uint16, 1, "V_SF", "V"},
    {"CC_Config_MajorFWRev", 50, uint16, 1},
    {"CC_Config_MidFWRev", 51, uint16, 1},
    {"CC_Config_MinorFWRev", 52, uint16, 1},
    {"CC_Config_DataLog_Day_offset", 53, uint16, 1, "", "Tmd"},
    {"CC_Config_DataLog_Cur_Day_off", 54, uint16, 1, "", "Tmd"},
    {"CC_Config_DataLog_Daily_AH", 55, uint16, 1, "", "Ah"},
    {"CC_Config_DataLog_Daily_KWH", 56, uint16, 1, "KWH_SF", "kWh"},
    {"CC_Config_DataLog_Max_Out_A", 57, uint16, 1, "V_SF", "A"},
    {"CC_Config_DataLog_Max_Out_W", 58, uint16, 1, "V_SF", "W"},
    {"CC_Config_DataLog_Absorb_T", 59, uint16, 1, "", "Tms"},
    {"CC_Config_DataLog_Float_T", 60, uint16, 1, "", "Tms"},
    {"CC_Config_DataLog_Min_Batt_V", 61, uint16, 1, "V_SF", "V"},
    {"CC_Config_DataLog_Max_Batt_V", 62, uint16, 1, "V_SF", "V"},
    {"CC_Config_DataLog_Max_Input_V", 63, uint16, 1, "V_SF", "V"},
    {"CC_Config_DataLog_Clear", 64, uint16, 1},
    {"CC_Config_DataLog_Clr_Comp", 65, uint16, 1},
};

constexpr PointDefinition points_64410[] = {
    {"VMaxLim", 2, uint16, 1, "V_SF", "V", rw},
    {"PMaxLim", 3, uint16, 1, "W_SF", "W", rw},
    {"IMaxLim", 4, uint16, 1, "A_SF", "A", rw},
    {"Mode", 5, enum16, 1, "", "", rw},
    {"Ena", 6, enum16, 1, "", "", rw},
    {"Reset", 7, enum16, 1, "", "", rw},
    {"VSet", 8, uint16, 1, "V_SF", "V", rw},
    {"PSet", 9, uint16, 1, "W_SF", "W", rw},
    {"ISet", 10, uint16, 1, "A_SF", "A", rw},
    {"EN50530", 11, enum16, 1, "", "", rw},
    {"Vmpp", 12, uint16, 1, "V_SF", "V", rw},
    {"Pmpp", 13, uint16, 1, "W_SF", "W", rw},
    {"GSet", 14, uint16, 1, "G_SF", "W/m^2", rw},
    {"VSlewRate", 15, uint16, 1, "VSlew_SF", "V/s", rw},
    {"PSlewRate", 16, uint16, 1, "PSlew_SF", "W/s", rw},
    {"ISlewRate", 17, uint16, 1, "ISlew_SF", "A/s", rw},
    {"EnaProf", 18, enum16, 1, "", "", rw},
    {"AdptProfReq", 19, uint16, 1, "", "", rw},
    {"AdptProfRslt", 20, enum16, 1},
    {"V", 21, int32, 2},
    {"P", 23, int32, 2},
    {"I", 25, int32, 2},
    {"Errors", 27, string, 32},
    {"NPt", 59, uint16, 1},
    {"NProf", 60, uint16, 1},
    {"W_SF", 61, sunssf, 1, "", "", rw},
    {"V_SF", 62, sunssf, 1, "", "", rw},
    {"A_SF", 63, sunssf, 1, "", "", rw},
    {"G_SF", 64, sunssf, 1, "", "", rw},
    {"Tms_SF", 65, sunssf, 1, "", "", rw},
    {"VSlew_SF", 66, sunssf, 1, "", "", rw},
    {"PSlew_SF", 67, sunssf, 1, "", "", rw},
    {"ISlew_SF", 68, sunssf, 1, "", "", rw},
    {"Pct_SF", 69, sunssf, 1, "", "", rw},
};

constexpr PointDefinition points_64410_Prof[] = {
    {"ActPt", 0, uint16, 1, "", "", rw},
    {"DeptRef", 1, bitfield32, 2, "", "", rw},
};

constexpr PointDefinition points_64410_Prof_Pt[] = {
    {"Tms", 0, uint16, 1, "Tms_SF", "Sec", rw},
    {"V", 1, uint16, 1, "V_SF", "V", rw},
    {"P", 2, uint16, 1, "W_SF", "W", rw},
    {"I", 3, uint16, 1, "A_SF", "A", rw},
    {"G", 4, uint16, 1, "Pct_SF", "Pct", rw},
};

constexpr GroupDefinition groups_64410_Prof[] = {
    {"Pt", Repeat::counted, "NPt", points_64410_Prof_Pt},
};

constexpr GroupDefinition groups_64410[] = {
    {"Prof", Repeat::counted, "NProf", points_64410_Prof, groups_64410_Prof},
};

constexpr PointDefinition points_64411[] = {
    {"Phases", 2, uint16, 1, "", "", rw},
    {"PhaseAngle", 3, uint16, 1, "", "", rw},
    {"VNom", 4, uint16, 1, "V_SF", "V", rw},
    {"VMax", 5, uint16, 1, "V_SF", "V", rw},
    {"IMax", 6, uint16, 1, "A_SF", "A", rw},
    {"Freq", 7, uint16, 1, "Hz_SF", "Hz", rw},
    {"Output", 8, enum16, 1, "", "", rw},
    {"Relay", 9, enum16, 1, "", "", rw},
    {"Regen", 10, enum16, 1, "", "", rw},
    {"VSet", 11, uint16, 1, "V_SF", "V", rw},
    {"VSetA", 12, uint16, 1, "V_SF", "V", rw},
    {"VSetB", 13, uint16, 1, "V_SF", "V", rw},
    {"VSetC", 14, uint16, 1, "V_SF", "V", rw},
    {"FreqSlew", 15, uint16, 1, "HzSlew_SF", "Hz/s", rw},
    {"VSlew", 16, uint16, 1, "VSlew_SF", "V/s", rw},
    {"VA", 17, int32, 2, "V_SF", "V"},
    {"VB", 19, int32, 2, "V_SF", "V"},
    {"VC", 21, int32, 2, "V_SF", "V"},
    {"Hz", 23, int32, 2, "Hz_SF", "Hz"},
    {"IA", 25, int32, 2, "A_SF", "A"},
    {"IB", 27, int32, 2, "A_SF", "A"},
    {"IC", 29, int32, 2, "A_SF", "A"},
    {"VHarA", 31, string, 150, "", "V"},
    {"VHarB", 181, string, 150, "", "V"},
    {"VHarC", 331, string, 150, "", "V"},
    {"IHarA", 481, string, 150, "", "A"},
    {"IHarB", 631, string, 150, "", "A"},
    {"IHarC", 781, string, 150, "", "A"},
    {"IIntHarA", 931, string, 150, "", "A"},
    {"IIntHarB", 1081, string, 150, "", "A"},
    {"IIntHarC", 1231, string, 150, "", "A"},
    {"VThdA", 1381, uint16, 1, "THD_SF", "%"},
    {"VThdB", 1382, uint16, 1, "THD_SF", "%"},
    {"VThdC", 1383, uint16, 1, "THD_SF", "%"},
    {"IThdA", 1384, uint16, 1, "THD_SF", "%"},
    {"IThdB", 1385, uint16, 1, "THD_SF", "%"},
    {"IThdC", 1386, uint16, 1, "THD_SF", "%"},
    {"EnaProf", 1387, enum16, 1, "", "", rw},
    {"ProfRslt", 1388, enum16, 1},
    {"NProf", 1389, uint16, 1},
    {"NPt", 1390, uint16, 1},
    {"V_SF", 1391, sunssf, 1},
    {"A_SF", 1392, sunssf, 1},
    {"Tms_SF", 1393, sunssf, 1},
    {"Hz_SF", 1394, sunssf, 1},
    {"HzSlew_SF", 1395, sunssf, 1},
    {"VSlew_SF", 1396, sunssf, 1},
    {"THD_SF", 1397, sunssf, 1},
};

constexpr PointDefinition points_64411_Prof[] = {
    {"Name", 0, string, 32, "", "", rw},
    {"ActPt", 32, uint16, 1, "", "", rw},
};

constexpr PointDefinition points_64411_Prof_Pt[] = {
    {"Tms", 0, uint16, 1, "Tms_SF", "Sec", rw},
    {"VA", 1, uint16, 1, "V_SF", "V", rw},
    {"VB", 2, uint16, 1, "V_SF", "V", rw},
    {"VC", 3, uint16, 1, "V_SF", "V", rw},
    {"Hz", 4, uint16, 1, "Hz_SF", "Hz", rw},
    {"PhaseAngleA", 5, uint16, 1, "", "Degrees", rw},
    {"PhaseAngleB", 6, uint16, 1, "", "Degrees", rw},
    {"PhaseAngleC", 7, uint16, 1, "", "Degrees", rw},
};

constexpr GroupDefinition groups_64411_Prof[] = {
    {"Pt", Repeat::counted, "NPt", points_64411_Prof_Pt},
};

constexpr GroupDefinition groups_64411[] = {
    {"Prof", Repeat::counted, "NProf", points_64411_Prof, groups_64411_Prof},
};

constexpr PointDefinition points_64412[] = {
    {"DAManipulation", 2, enum16, 1, "", "", rw},
    {"FalsifyDeviceIdentity", 3, enum16, 1, "", "", rw},
    {"MeasPAlwaysNameplate", 4, enum16, 1, "", "", rw},
    {"MeasQAlwaysMinimum", 5, enum16, 1, "", "", rw},
    {"MeasQAlwaysMaximum", 6, enum16, 1, "", "", rw},
    {"MeasQAlwaysZero", 7, enum16, 1, "", "", rw},
    {"MeasZeroP", 8, enum16, 1, "", "", rw},
    {"MeasInvertQ", 9, enum16, 1, "", "", rw},
    {"MeasLowV", 10, enum16, 1, "", "", rw},
    {"MeasHighV", 11, enum16, 1, "", "", rw},
    {"MeasLowL1V", 12, enum16, 1, "", "", rw},
    {"MeasHighL1V", 13, enum16, 1, "", "", rw},
    {"MeasLowF", 14, enum16, 1, "", "", rw},
    {"MeasHighF", 15, enum16, 1, "", "", rw},
    {"MeasLowAmps", 16, enum16, 1, "", "", rw},
    {"MeasHighAmps", 17, enum16, 1, "", "", rw},
    {"MeasHighS", 18, enum16, 1, "", "", rw},
    {"MeasLowS", 19, enum16, 1, "", "", rw},
    {"MeasHighQ", 20, enum16, 1, "", "", rw},
    {"MeasLowQ", 21, enum16, 1, "", "", rw},
    {"MeasLowPF", 22, enum16, 1, "", "", rw},
    {"MeasLowReversedPF", 23, enum16, 1, "", "", rw},
    {"NameplateHighP", 24, enum16, 1, "", "", rw},
    {"NameplateLowP", 25, enum16, 1, "", "", rw},
    {"NameplateHighS", 26, enum16, 1, "", "", rw},
    {"NameplateLowS", 27, enum16, 1, "", "", rw},
    {"NameplateHighQ", 28, enum16, 1, "", "", rw},
    {"NameplateLowQ", 29, enum16, 1, "", "", rw},
    {"NameplateHighNomV", 30, enum16, 1, "", "", rw},
    {"NameplateLowNomV", 31, enum16, 1, "", "", rw},
    {"NameplateLowAmps", 32, enum16, 1, "", "", rw},
    {"NameplateLowVarmaxinj", 33, enum16, 1, "", "", rw},
    {"NameplateLowVarmaxabs", 34, enum16, 1, "", "", rw},
    {"NameplateLowPF", 35, enum16, 1, "", "", rw},
    {"SettingsHighNomV", 36, enum16, 1, "", "", rw},
    {"SettingsLowAmps", 37, enum16, 1, "", "", rw},
    {"SettingsHighP", 38, enum16, 1, "", "", rw},
    {"SettingsLowP", 39, enum16, 1, "", "", rw},
    {"SettingsHighVAMax", 40, enum16, 1, "", "", rw},
    {"SettingsHighVarmaxinj", 41, enum16, 1, "", "", rw},
    {"SettingsHighVarmaxabs", 42, enum16, 1, "", "", rw},
    {"ChangeCommonModelID", 43, enum16, 1, "", "", rw},
    {"ChangeCommonModelLength", 44, enum16, 1, "", "", rw},
};

constexpr PointDefinition points_64413[] = {
    {"IVLen", 2, count, 1},
    {"Irr", 3, uint16, 1, "Irr_SF", "W/m^2"},
    {"Irr_SF", 4, sunssf, 1},
};

constexpr PointDefinition points_64413_IV[] = {
    {"P", 0, float32, 2, "", "W"},
    {"I", 2, float32, 2, "", "A"},
    {"V", 4, float32, 2, "", "V"},
};

constexpr GroupDefinition groups_64413[] = {
    {"IV", Repeat::counted, "IVLen", points_64413_IV},
};

constexpr PointDefinition points_64414[] = {
    {"Time", 2, string, 10},
    {"Temperature", 12, float32, 2, "", "", rw},
    {"GridModelSource", 14, string, 32, "", "", rw},
    {"IrradianceModelSource", 46, string, 32, "", "", rw},
    {"Irradiance", 78, float32, 2, "", "", rw},
    {"GridVoltageA", 80, float32, 2, "", "", rw},
    {"GridVoltageB", 82, float32, 2, "", "", rw},
    {"GridVoltageC", 84, float32, 2, "", "", rw},
    {"GridFrequency", 86, float32, 2, "", "", rw},
};

constexpr PointDefinition points_64415[] = {
    {"LogEventEna", 2, enum16, 1, "", "", rw},
    {"HTTPMsg", 3, enum16, 1, "", "", rw},
    {"COMM004Cert", 4, enum16, 1, "", "", rw},
    {"SubscribedResource", 5, string, 64, "", "", rw},
    {"SubscriptionEna", 69, enum16, 1, "", "", rw},
};

constexpr ModelDefinition models[] = {
    {63001, "model_63001", points_63001, groups_63001},
    {63002, "model_63002", {}, groups_63002},
    {64001, "model_64001", points_64001},
    {64020, "model_64020", points_64020, groups_64020},
    {64101, "model_64101", points_64101},
    {64111, "model_64111", points_64111},
    {64112, "model_64112", points_64112},
    {64410, "DCSimInterface", points_64410, groups_64410},
    {64411, "ACSimInterface", points_64411, groups_64411},
    {64412, "DERExploitation", points_64412},
    {64413, "PVSimCurves", points_64413, groups_64413},
    {64414, "DERSimControls", points_64414},
    {64415, "CSIPControl", points_64415},
};

static_assert(well_formed(models));

}  // namespace

std::span<const ModelDefinition> vendor_models() { return models; }

}  // namespace iw::sunspec
