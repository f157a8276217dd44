#include "gateway/commands/profile_choice.hpp"

#include <algorithm>

#include "protocols/sunspec/driver.hpp"

namespace iw::gateway {

using namespace commissioning;

modbus::Catalogue load_catalogue(io::Files& files, const std::string& folder, Console& console) {
  modbus::Catalogue catalogue = modbus::Catalogue::built_in();
  if (folder.empty()) return catalogue;
  config::Findings findings;
  catalogue.add_folder(files, folder, findings);
  console.findings(findings);
  return catalogue;
}

Result<const modbus::Profile*> choose_profile(modbus::Catalogue& catalogue, io::Files& files,
                                              const std::string& choice) {
  if (!choice.ends_with(".yaml") && !choice.ends_with(".yml")) return catalogue.find(choice);
  const auto text = files.read(choice);
  if (!text) return fail(text.error());
  config::Findings findings;
  const auto profile = modbus::load_profile(choice, *text, findings);
  if (!profile) return fail(config::to_error(findings));
  config::Findings ignored;
  catalogue.add(choice, *text, ignored);
  return catalogue.find(profile->id);
}

Result<const modbus::Profile*> choose_profile_or_sunspec(modbus::Catalogue& catalogue, io::Files& files,
                                                         const std::string& choice) {
  if (choice == sunspec::profile_word) return nullptr;
  return choose_profile(catalogue, files, choice);
}

io::Task<Result<modbus::RegisterMap>> load_map(Link& link, const modbus::Profile* profile) {
  if (profile != nullptr) {
    link.adapt_to(profile->connection);
    co_return profile->map;
  }
  LinkUnit unit(link, link.target().unit);
  const auto chain = co_await sunspec::read_chain(unit);
  if (!chain) co_return fail(chain.error());
  co_return sunspec::make_map(*chain);
}

}  // namespace iw::gateway
