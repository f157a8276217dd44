// interwatt cert: a certificate to start with, so that the dashboard can be reached from elsewhere by HTTPS.

#include "gateway/commands/cert.hpp"

#include "gateway/commands/report.hpp"
#include "gateway/live_json.hpp"
#include "gateway/surroundings.hpp"
#include "io/tls/self_signed.hpp"
#include "json/json.hpp"

namespace iw::gateway {
namespace {

struct Options {
  std::vector<std::string> hosts;
  std::string certificate = "server.pem";
  std::string key = "server.key";
  int days = 825;
  bool force = false;
  bool json = false;
};

Result<void> refuse_existing(io::Files& files, const std::string& path) {
  if (!files.read(path)) return {};
  return fail(ErrorKind::busy, fmt::format("{} is there already", path), "--force replaces it");
}

int run(const Options& options, Console& console) {
  Surroundings around;
  io::Files& files = around.files();
  for (const std::string& path : {options.certificate, options.key}) {
    if (options.force) continue;
    if (auto free = refuse_existing(files, path); !free) return give_up(console, options.json, free.error());
  }
  const WallTime now = around.executor().clock().wall_now();
  // A day back: the clock of who connects may be behind.
  const io::tls::SelfSigned wish{.hosts = options.hosts,
                                 .not_before = now - std::chrono::days(1),
                                 .not_after = now + std::chrono::days(options.days)};
  const auto made = io::tls::make_self_signed(wish);
  if (!made) return give_up(console, options.json, made.error(), 2);
  // The key first: a certificate whose key is missing looks as if it could be used.
  if (auto kept = files.replace(options.key, made->key, 0600); !kept)
    return give_up(console, options.json, kept.error());
  if (auto kept = files.replace(options.certificate, made->certificate, 0644); !kept)
    return give_up(console, options.json, kept.error());
  if (options.json) {
    print(console, {{"certificate", options.certificate},
                    {"key", options.key},
                    {"hosts", options.hosts},
                    {"expires", format_time(wish.not_after)},
                    {"sha256", made->sha256}});
    return 0;
  }
  console.out(fmt::format("{} and {} (mode 0600), until {}", options.certificate, options.key,
                          format_time(wish.not_after)));
  console.out(fmt::format("SHA-256 {}", made->sha256));
  console.note(fmt::format(
      "api: {{listen: \"0.0.0.0:8443\", tls: {{certificate: {}, key: {}}}}}; a browser warns until "
      "the certificate is installed there: compare the SHA-256 first",
      options.certificate, options.key));
  return 0;
}

}  // namespace

void add_cert(Program& program) {
  auto options = std::make_shared<Options>();
  const Command command = program.app.add_subcommand(
      "cert", "A certificate that signs itself, and its key: HTTPS to start with.");
  command.add_option("HOST", options->hosts, "names and addresses by which the gateway is called").required();
  command.add_option("--certificate", options->certificate, "file of the certificate (PEM)").show_default();
  command.add_option("--key", options->key, "file of its private key (PEM), mode 0600").show_default();
  command.add_option("--days", options->days, "how long it holds; browsers take no more than 825")
      .within(1, 3650)
      .show_default();
  command.add_flag("--force", options->force, "replace files that are there");
  command.add_flag("--json", options->json, "for programs");
  command.footer(
      "A certificate of an authority that browsers know, or of your own, is better, and is configured in the "
      "same\n"
      "way.\n\n"
      "Examples:\n"
      "  interwatt cert gateway.lan 192.168.1.7\n"
      "  interwatt cert gateway.lan --certificate tls/server.pem --key tls/server.key\n");
  command.callback([options, &program] { program.status = run(*options, program.console); });
}

}  // namespace iw::gateway
