#include "io/tls/credentials.hpp"

#include "io/tls/certificate.hpp"
#include "io/tls/context.hpp"

namespace iw::io::tls {
namespace {

std::string waiting(const CredentialFiles& at) { return at.certificate + ".new"; }

Result<void> belong_together(const Credentials& credentials) {
  auto context = make_server_context({.certificate_chain = credentials.certificate_chain,
                                      .private_key = credentials.private_key,
                                      .verify_peer = false});
  if (!context) return fail(std::move(context).error());
  return {};
}

Result<void> in_order(const std::vector<Certificate>& chain) {
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (chain[i - 1].issuer == chain[i].subject) continue;
    return fail(ErrorKind::invalid_argument,
                fmt::format("the chain is not in its order: {} was issued by {}, and {} follows",
                            chain[i - 1].subject, chain[i - 1].issuer, chain[i].subject),
                "our own certificate first, then who issued it, then who issued that one");
  }
  return {};
}

}  // namespace

Result<void> check(const Credentials& credentials) {
  const auto chain = read_certificates(credentials.certificate_chain);
  if (!chain) return fail(chain.error());
  if (auto together = belong_together(credentials); !together) return together;
  return in_order(*chain);
}

Result<Credentials> read_credentials(Files& files, const CredentialFiles& at) {
  auto chain = files.read(at.certificate);
  if (!chain) return fail(std::move(chain).error());
  auto key = files.read_secret(at.key);
  if (!key) return fail(std::move(key).error());
  Credentials credentials{.certificate_chain = std::move(*chain), .private_key = std::move(*key)};
  auto together = belong_together(credentials);
  if (together) return credentials;
  auto newer = files.read(waiting(at));
  if (!newer) return fail(std::move(together).error());
  credentials.certificate_chain = std::move(*newer);
  if (!belong_together(credentials)) return fail(std::move(together).error());
  // Should the disk not take it now, it is found again the next time.
  if (files.replace(at.certificate, credentials.certificate_chain)) (void)files.remove(waiting(at));
  return credentials;
}

Result<void> replace_credentials(Files& files, const CredentialFiles& at, const Credentials& credentials) {
  if (auto right = check(credentials); !right) return right;
  if (at.certificate == at.key)  // one file has both
    return files.replace(at.key, credentials.certificate_chain + "\n" + credentials.private_key, 0600);
  if (auto kept = files.replace(waiting(at), credentials.certificate_chain); !kept) return kept;
  if (auto kept = files.replace(at.key, credentials.private_key, 0600); !kept) {
    (void)files.remove(waiting(at));
    return kept;
  }
  // From here on the new ones count, as read_credentials() finds them.
  if (files.replace(at.certificate, credentials.certificate_chain)) (void)files.remove(waiting(at));
  return {};
}

}  // namespace iw::io::tls
