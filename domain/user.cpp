#include "domain/user.hpp"

#include "domain/base/errors.hpp"

#include <algorithm>
#include <array>

namespace waybill::user {

namespace {

constexpr std::array known_roles{customer_role, courier_role, operator_role, admin_role};

using events = std::vector<event>;

failure unauthenticated() {
  return {ec::unauthenticated, "the refresh token is not valid (any more)"};
}

failure missing() {
  return {ec::not_found, "there is no such user"};
}

auto find_family(const state& current, std::string_view family_hash) {
  return std::find_if(current.sessions.begin(), current.sessions.end(),
                      [&](const session& x) { return x.family_hash == family_hash; });
}

void end_all(events& out, const state& current, const std::string& reason) {
  for (const auto& session : current.sessions)
    out.emplace_back(session_ended{session.id, reason});
}

struct decider {
  const state& current;
  timestamp now;
  const settings& options;

  [[nodiscard]] session_started started(const new_session& session) const {
    return {session.id, session.family_hash, session.token_hash, now + options.refresh_lifetime};
  }

  result<events> operator()(const register_account& cmd) const {
    if (current.version == 0) {
      events out{registered{cmd.user, cmd.roles}};
      if (cmd.session)
        out.emplace_back(started(*cmd.session));
      return out;
    }
    const bool repeated = cmd.session && find_family(current, cmd.session->family_hash) != current.sessions.end();
    if (repeated)
      return events{};
    return failure{ec::duplicate, "the account exists already"};
  }

  result<events> operator()(const start_session& cmd) const {
    if (current.version == 0)
      return missing();
    if (current.disabled)
      return unauthenticated();
    if (find_family(current, cmd.session.family_hash) != current.sessions.end())
      return events{};
    events out;
    // Those that have run out are forgotten by `apply`.
    const auto live = static_cast<std::size_t>(std::count_if(current.sessions.begin(), current.sessions.end(),
                                                             [&](const session& x) { return x.expires_at > now; }));
    std::size_t surplus = live + 1 > options.max_sessions ? live + 1 - options.max_sessions : 0;
    for (const auto& session : current.sessions)
      if (session.expires_at > now && surplus > 0) {
        out.emplace_back(session_ended{session.id, "replaced"});
        --surplus;
      }
    out.emplace_back(started(cmd.session));
    return out;
  }

  result<events> operator()(const refresh& cmd) const {
    const auto family = find_family(current, cmd.family_hash);
    if (family == current.sessions.end() || family->expires_at <= now || current.disabled)
      return unauthenticated();
    // The same command once more: its answer was lost between us and the gateway.
    if (family->token_hash == cmd.new_hash)
      return events{};
    const auto expires_at = now + options.refresh_lifetime;
    if (family->token_hash == cmd.token_hash)
      return events{session_refreshed{family->id, cmd.new_hash, expires_at, false}};
    if (family->previous_hash == cmd.token_hash && now - family->rotated_at <= options.retry_grace)
      return events{session_refreshed{family->id, cmd.new_hash, expires_at, true}};
    // The caller has the family's secret, but a token that was replaced: one of two people who have it is a thief.
    return events{session_ended{family->id, "token_reused"}};
  }

  result<events> operator()(const end_session& cmd) const {
    const auto family = find_family(current, cmd.family_hash);
    if (family == current.sessions.end())
      return events{};
    return events{session_ended{family->id, "logged_out"}};
  }

  result<events> operator()(const change& cmd) const {
    if (current.version == 0)
      return missing();
    changed changes;
    const auto note = [&](const auto& value, const std::string& present, const char* field) {
      if (value && *value != present)
        changes.fields.emplace_back(field);
    };
    note(cmd.name, current.profile.name, "name");
    note(cmd.email, current.profile.email, "email");
    note(cmd.password_hash, current.profile.password_hash, "password");
    if (changes.fields.empty())
      return events{};
    events out{changes};
    if (cmd.password_hash)
      end_all(out, current, "password_changed");
    return out;
  }

  result<events> operator()(const administer& cmd) const {
    if (current.version == 0)
      return missing();
    events out;
    if (cmd.roles && *cmd.roles != current.roles)
      out.emplace_back(roles_changed{*cmd.roles});
    if (cmd.disabled && *cmd.disabled != current.disabled) {
      if (*cmd.disabled) {
        out.emplace_back(disabled{});
        end_all(out, current, "disabled");
      } else {
        out.emplace_back(enabled{});
      }
    }
    return out;
  }
};

struct applier {
  state& current;
  timestamp at;

  void operator()(const registered& e) const {
    current.id = e.user;
    current.roles = e.roles;
    current.created_at = at;
  }
  void operator()(const changed&) const {}
  void operator()(const roles_changed& e) const { current.roles = e.roles; }
  void operator()(const user::disabled&) const { current.disabled = true; }
  void operator()(const enabled&) const { current.disabled = false; }
  void operator()(const session_started& e) const {
    std::erase_if(current.sessions, [this](const session& x) { return x.expires_at <= at; });
    current.sessions.push_back({e.session, e.family_hash, e.token_hash, {}, at, e.expires_at});
  }
  void operator()(const session_refreshed& e) const {
    for (auto& session : current.sessions) {
      if (session.id != e.session)
        continue;
      // The grace counts from the first rotation: retries do not prolong it.
      if (!e.retried) {
        session.previous_hash = session.token_hash;
        session.rotated_at = at;
      }
      session.token_hash = e.token_hash;
      session.expires_at = e.expires_at;
    }
  }
  void operator()(const session_ended& e) const {
    std::erase_if(current.sessions, [&](const session& x) { return x.id == e.session; });
  }
};

bool is_atom(char c) noexcept {
  constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~.";
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || others.find(c) != std::string_view::npos;
}

bool is_label(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/// Neither empty nor with a dot at an end or next to another.
bool is_dotted(std::string_view text) noexcept {
  return !text.empty() && text.front() != '.' && text.back() != '.' && text.find("..") == std::string_view::npos;
}

} // namespace

bool are_roles(const std::vector<std::string>& words) noexcept {
  for (auto word = words.begin(); word != words.end(); ++word)
    if (std::find(known_roles.begin(), known_roles.end(), *word) == known_roles.end()
        || std::find(words.begin(), word, *word) != word)
      return false;
  return true;
}

std::optional<std::string> normal_email(std::string_view text) {
  constexpr std::size_t longest = 254;
  constexpr std::size_t longest_local = 64;
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const auto at = result.find('@');
  if (result.size() > longest || at == std::string::npos || at > longest_local)
    return std::nullopt;
  const std::string_view local{result.data(), at};
  const std::string_view domain = std::string_view{result}.substr(at + 1);
  if (!is_dotted(local) || !is_dotted(domain) || !std::all_of(local.begin(), local.end(), is_atom)
      || !std::all_of(domain.begin(), domain.end(), is_label))
    return std::nullopt;
  return result;
}

result<std::vector<event>> decide(const state& current, const command& cmd, timestamp now, const settings& options) {
  return std::visit(decider{current, now, options}, cmd);
}

void apply(state& current, const event& recorded, timestamp at) {
  std::visit(applier{current, at}, recorded);
  current.updated_at = at;
  ++current.version;
}

void take_private(state& current, const command& cmd) {
  if (const auto* made = std::get_if<register_account>(&cmd))
    current.profile = made->profile;
  const auto* change = std::get_if<user::change>(&cmd);
  if (change == nullptr)
    return;
  current.profile.name = change->name.value_or(current.profile.name);
  current.profile.email = change->email.value_or(current.profile.email);
  current.profile.password_hash = change->password_hash.value_or(current.profile.password_hash);
}

const session* find_session(const state& current, std::string_view family_hash, std::string_view token_hash) noexcept {
  const auto family = find_family(current, family_hash);
  return family != current.sessions.end() && family->token_hash == token_hash ? &*family : nullptr;
}

} // namespace waybill::user
