// JSON, by nlohmann's library: the one way to it in src/, as nlohmann::ordered_json. Headers include
// <nlohmann/json_fwd.hpp>.
//
// Its class template is compiled once, in json.cpp: every other file would compile most of it again.
#pragma once

#include <nlohmann/json.hpp>

extern template class nlohmann::basic_json<nlohmann::ordered_map>;
