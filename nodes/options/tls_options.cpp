#include "nodes/options/options.hpp"

#include <algorithm>
#include <iterator>

namespace waybill {

namespace {

using text_of = std::string& (*)(tls_settings&);

option path_of_pem(std::string_view name, std::string_view help, text_of at) {
  return {name, help, false,
          [at](node_config& config, std::string_view text) -> std::string {
            at(config.tls) = text;
            return {};
          },
          [at](const node_config& config) { return at(const_cast<tls_settings&>(config.tls)); }};
}

option cluster_passphrase() {
  return {"cluster-tls-passphrase", "TLS between nodes: the passphrase of the private key", true,
          [](node_config& config, std::string_view text) -> std::string {
            config.tls.passphrase = text;
            return {};
          },
          [](const node_config& config) { return std::string{config.tls.passphrase.empty() ? "" : "***"}; }};
}

} // namespace

std::vector<option> tls_options() {
  return {path_of_pem(
            "cluster-tls-ca", "TLS between nodes: PEM file of the authority that issues the certificates",
            [](tls_settings & tls) -> auto& { return tls.ca; }),
          path_of_pem(
            "cluster-tls-certificate", "TLS between nodes: PEM file of this node's certificate",
            [](tls_settings & tls) -> auto& { return tls.certificate; }),
          path_of_pem(
            "cluster-tls-key", "TLS between nodes: PEM file of its private key",
            [](tls_settings & tls) -> auto& { return tls.key; }),
          cluster_passphrase()};
}

result<tls_settings> take_tls_settings(config_sources& sources) {
  std::vector<std::string> names{"config"};
  for (const auto& row : tls_options()) {
    names.emplace_back(row.name);
    if (row.secret)
      names.push_back(file_option(row));
  }
  config_sources taken;
  for (auto word = sources.arguments.begin(); word != sources.arguments.end();) {
    const auto name = word->substr(0, word->find('='));
    const bool ours = std::ranges::any_of(names, [&](const auto& known) { return name == "--" + known; });
    if (!ours) {
      ++word;
      continue;
    }
    const bool apart = name.size() == word->size() && std::next(word) != sources.arguments.end();
    const auto end = std::next(word, apart ? 2 : 1);
    taken.arguments.insert(taken.arguments.end(), word, end);
    word = sources.arguments.erase(word, end);
  }
  for (const auto& name : names)
    if (auto given = sources.environment.find(variable_of(name)); given != sources.environment.end())
      taken.environment.insert(*given);
  auto loaded = load_config(taken);
  if (loaded.has_error())
    return loaded.error();
  return std::move(loaded->config.tls);
}

} // namespace waybill
