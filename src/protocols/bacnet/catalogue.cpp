#include "protocols/bacnet/catalogue.hpp"

namespace iw::bacnet {

Catalogue Catalogue::built_in() {
  Catalogue catalogue;
  config::Findings findings;
  for (const auto& [path, text] : embedded_profiles())
    catalogue.add(path, text, findings);
  return catalogue;
}

}  // namespace iw::bacnet
