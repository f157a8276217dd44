#include "gateway/commands/bacnet_tools.hpp"

namespace iw::gateway {

bool is_bacnet(std::string_view url) { return url == "bacnet" || url.starts_with("bacnet://"); }

}  // namespace iw::gateway
