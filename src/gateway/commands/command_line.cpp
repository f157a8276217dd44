#include "gateway/commands/command_line.hpp"

#include <cstdint>
#include <optional>
#include <vector>

#include <CLI/CLI.hpp>

namespace iw::gateway {

// ---- Option

const Option& Option::required() const {
  option_->required();
  return *this;
}

const Option& Option::show_default() const {
  option_->capture_default_str();
  return *this;
}

const Option& Option::show_default(const std::string& text) const {
  option_->default_str(text);
  return *this;
}

const Option& Option::show_values(const std::string& text) const {
  option_->type_name(text);
  return *this;
}

template <class Number>
const Option& Option::within(Number least, Number most) const {
  option_->check(CLI::Range(least, most));
  return *this;
}

const Option& Option::excludes(Option other) const {
  option_->excludes(other.option_);
  return *this;
}

const Option& Option::group(const std::string& title) const {
  option_->group(title);
  return *this;
}

// ---- Command

Command Command::add_subcommand(const std::string& name, const std::string& what) const {
  return Command(*app_->add_subcommand(name, what));
}

template <class Value>
Option Command::add_option(const std::string& name, Value& value, const std::string& what) const {
  return Option(*app_->add_option(name, value, what));
}

Option Command::add_option(const std::string& name, const std::function<void(const std::string&)>& take,
                           const std::string& what) const {
  return Option(*app_->add_option_function<std::string>(name, take, what));
}

Option Command::add_flag(const std::string& name, bool& value, const std::string& what) const {
  return Option(*app_->add_flag(name, value, what));
}

void Command::footer(const std::string& text) const { app_->footer(text); }
void Command::require_subcommand() const { app_->require_subcommand(1); }
void Command::allow_subcommand() const { app_->require_subcommand(0, 1); }
void Command::fallthrough() const { app_->fallthrough(); }
void Command::callback(std::function<void()> action) const { app_->callback(std::move(action)); }
bool Command::parsed() const { return app_->parsed(); }

// ---- CommandLine

CommandLine::CommandLine(const std::string& description, const std::string& version)
    : app_(std::make_unique<CLI::App>(description)) {
  app_->set_version_flag("--version", version);
}

CommandLine::CommandLine(CommandLine&&) noexcept = default;
CommandLine& CommandLine::operator=(CommandLine&&) noexcept = default;
CommandLine::~CommandLine() = default;

int CommandLine::parse(int argc, const char* const* argv) const {
  try {
    app_->parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError& wrong_use) {
    return app_->exit(wrong_use) == 0 ? 0 : 2;  // --help and --version are errors to CLI11, with code 0
  }
}

void wrong_use(const std::string& text) { throw CLI::ValidationError(text); }

// What options are read into.
template Option Command::add_option(const std::string&, std::string&, const std::string&) const;
template Option Command::add_option(const std::string&, std::optional<std::string>&,
                                    const std::string&) const;
template Option Command::add_option(const std::string&, std::vector<std::string>&, const std::string&) const;
template Option Command::add_option(const std::string&, int&, const std::string&) const;
template Option Command::add_option(const std::string&, std::optional<int>&, const std::string&) const;
template Option Command::add_option(const std::string&, std::uint16_t&, const std::string&) const;
template Option Command::add_option(const std::string&, std::uint32_t&, const std::string&) const;
template Option Command::add_option(const std::string&, std::uint64_t&, const std::string&) const;
template Option Command::add_option(const std::string&, std::vector<std::uint64_t>&,
                                    const std::string&) const;
template Option Command::add_option(const std::string&, double&, const std::string&) const;
template Option Command::add_option(const std::string&, std::optional<double>&, const std::string&) const;
template const Option& Option::within(int, int) const;
template const Option& Option::within(std::uint32_t, std::uint32_t) const;
template const Option& Option::within(double, double) const;

}  // namespace iw::gateway
