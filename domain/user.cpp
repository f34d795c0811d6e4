#include "domain/user.hpp"

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
                      [&](const session& one) { return one.family_hash == family_hash; });
}

void end_all(events& out, const state& current, const std::string& reason) {
  for (const auto& one : current.sessions)
    out.emplace_back(session_ended{one.id, reason});
}

struct decider {
  const state& current;
  timestamp now;
  const settings& options;

  [[nodiscard]] session_started started(const new_session& wanted) const {
    return {wanted.id, wanted.family_hash, wanted.token_hash, now + options.refresh_lifetime};
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
                                                             [&](const session& one) { return one.expires_at > now; }));
    std::size_t surplus = live + 1 > options.max_sessions ? live + 1 - options.max_sessions : 0;
    for (const auto& one : current.sessions)
      if (one.expires_at > now && surplus > 0) {
        out.emplace_back(session_ended{one.id, "replaced"});
        --surplus;
      }
    out.emplace_back(started(cmd.session));
    return out;
  }

  result<events> operator()(const refresh& cmd) const {
    const auto found = find_family(current, cmd.family_hash);
    if (found == current.sessions.end() || found->expires_at <= now || current.disabled)
      return unauthenticated();
    // The same command once more: its answer was lost between us and the gateway.
    if (found->token_hash == cmd.new_hash)
      return events{};
    const auto expires_at = now + options.refresh_lifetime;
    if (found->token_hash == cmd.token_hash)
      return events{session_refreshed{found->id, cmd.new_hash, expires_at, false}};
    if (found->previous_hash == cmd.token_hash && now - found->rotated_at <= options.retry_grace)
      return events{session_refreshed{found->id, cmd.new_hash, expires_at, true}};
    // Whoever has the family's secret held one of its tokens once, and this one was replaced: one of two is a thief.
    return events{session_ended{found->id, "token_reused"}};
  }

  result<events> operator()(const end_session& cmd) const {
    const auto found = find_family(current, cmd.family_hash);
    if (found == current.sessions.end())
      return events{};
    return events{session_ended{found->id, "logged_out"}};
  }

  result<events> operator()(const change& cmd) const {
    if (current.version == 0)
      return missing();
    changed what;
    const auto note = [&](const auto& wanted, const std::string& present, const char* field) {
      if (wanted && *wanted != present)
        what.fields.emplace_back(field);
    };
    note(cmd.name, current.profile.name, "name");
    note(cmd.email, current.profile.email, "email");
    note(cmd.password_hash, current.profile.password_hash, "password");
    if (what.fields.empty())
      return events{};
    events out{what};
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

  void operator()(const registered& what) const {
    current.id = what.user;
    current.roles = what.roles;
    current.created_at = at;
  }
  void operator()(const changed&) const {}
  void operator()(const roles_changed& what) const { current.roles = what.roles; }
  void operator()(const user::disabled&) const { current.disabled = true; }
  void operator()(const enabled&) const { current.disabled = false; }
  void operator()(const session_started& what) const {
    std::erase_if(current.sessions, [this](const session& one) { return one.expires_at <= at; });
    current.sessions.push_back({what.session, what.family_hash, what.token_hash, {}, at, what.expires_at});
  }
  void operator()(const session_refreshed& what) const {
    for (auto& one : current.sessions) {
      if (one.id != what.session)
        continue;
      // The grace counts from the first rotation: retries do not prolong it.
      if (!what.retried) {
        one.previous_hash = one.token_hash;
        one.rotated_at = at;
      }
      one.token_hash = what.token_hash;
      one.expires_at = what.expires_at;
    }
  }
  void operator()(const session_ended& what) const {
    std::erase_if(current.sessions, [&](const session& one) { return one.id == what.session; });
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
  for (auto one = words.begin(); one != words.end(); ++one)
    if (std::find(known_roles.begin(), known_roles.end(), *one) == known_roles.end()
        || std::find(words.begin(), one, *one) != one)
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

void apply(state& current, const event& what, timestamp at) {
  std::visit(applier{current, at}, what);
  current.updated_at = at;
  ++current.version;
}

void take_private(state& current, const command& cmd) {
  if (const auto* made = std::get_if<register_account>(&cmd))
    current.profile = made->profile;
  const auto* wanted = std::get_if<change>(&cmd);
  if (wanted == nullptr)
    return;
  current.profile.name = wanted->name.value_or(current.profile.name);
  current.profile.email = wanted->email.value_or(current.profile.email);
  current.profile.password_hash = wanted->password_hash.value_or(current.profile.password_hash);
}

const session* find_session(const state& current, std::string_view family_hash, std::string_view token_hash) noexcept {
  const auto found = find_family(current, family_hash);
  return found != current.sessions.end() && found->token_hash == token_hash ? &*found : nullptr;
}

} // namespace waybill::user
