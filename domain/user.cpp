#include "domain/user.hpp"

#include "domain/base/errors.hpp"

#include <algorithm>
#include <array>

namespace waybill::user {

namespace {

constexpr std::array known_roles{customer_role, courier_role, observer_role, operator_role, admin_role};

using events = std::vector<event>;

failure unauthenticated() {
  return {ec::unauthenticated, "the refresh token is not valid (any more)"};
}

failure missing() {
  return {ec::not_found, "there is no such user"};
}

failure no_longer_right() {
  return {ec::unauthenticated, "the password has been changed meanwhile"};
}

/// More are forgotten, the oldest first.
constexpr std::size_t max_rotations = 16;

auto find_rotation(const session& family, std::string_view token_hash) {
  return std::find_if(family.rotations.begin(), family.rotations.end(),
                      [&](const rotation& x) { return x.token_hash == token_hash; });
}

bool is_recent(timestamp rotated_at, timestamp now, const settings& options) {
  return options.retry_grace > milliseconds::zero() && now - rotated_at <= options.retry_grace;
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
    const bool repeated = cmd.session && find_family(current, cmd.session->family_hash) != nullptr;
    if (repeated)
      return events{};
    return failure{ec::duplicate, "the account exists already"};
  }

  result<events> operator()(const start_session& cmd) const {
    if (current.version == 0)
      return missing();
    if (current.disabled)
      return unauthenticated();
    if (find_family(current, cmd.session.family_hash))
      return events{};
    if (!still_proven(cmd.proven_hash))
      return no_longer_right();
    events out;
    if (cmd.new_hash)
      out.emplace_back(changed{{"password_hash"}});
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
    const auto* family = find_family(current, cmd.family_hash);
    if (!family || family->expires_at <= now || current.disabled)
      return unauthenticated();
    // The same command once more: its answer was lost between us and the gateway.
    if (family->token_hash == cmd.new_hash)
      return events{};
    if (family->token_hash == cmd.token_hash)
      return events{session_refreshed{family->id, cmd.new_hash, now + options.refresh_lifetime, false}};
    const auto replaced = find_rotation(*family, cmd.token_hash);
    if (replaced != family->rotations.end() && is_recent(replaced->at, now, options))
      return events{};
    // Nothing leads on from a token that a program replaced which kept no rotations; that is no reason to end the
    // session.
    if (replaced == family->rotations.end() && family->previous_hash == cmd.token_hash
        && is_recent(family->rotated_at, now, options))
      return unauthenticated();
    // The caller has the family's secret, but a token that was replaced: one of two people who have it is a thief.
    return events{session_ended{family->id, "token_reused"}};
  }

  result<events> operator()(const end_session& cmd) const {
    const auto* family = find_family(current, cmd.family_hash);
    if (!family)
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
    if (!still_proven(cmd.proven_hash))
      return no_longer_right();
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

  result<events> operator()(const allow_reset& cmd) const {
    if (current.version == 0)
      return missing();
    if (current.reset && current.reset->hash == cmd.code_hash)
      return events{};
    return events{password_reset_allowed{now + options.reset_lifetime}};
  }

  result<events> operator()(const reset_password& cmd) const {
    if (!may_reset(current, cmd.code_hash, now))
      return failure{ec::unauthenticated, "the code is not valid (any more)"};
    events out{changed{{"password"}}};
    end_all(out, current, "password_changed");
    return out;
  }

  [[nodiscard]] bool still_proven(const std::string& hash) const {
    return hash.empty() || hash == current.profile.password_hash;
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
  void operator()(const changed& e) const {
    if (std::find(e.fields.begin(), e.fields.end(), "password") != e.fields.end())
      current.reset.reset();
  }
  void operator()(const roles_changed& e) const { current.roles = e.roles; }
  void operator()(const user::disabled&) const {
    current.disabled = true;
    current.reset.reset();
  }
  void operator()(const enabled&) const { current.disabled = false; }
  void operator()(const session_started& e) const {
    std::erase_if(current.sessions, [this](const session& x) { return x.expires_at <= at; });
    current.sessions.push_back({e.session, e.family_hash, e.token_hash, {}, at, e.expires_at});
  }
  void operator()(const session_refreshed& e) const {
    for (auto& session : current.sessions) {
      if (session.id != e.session)
        continue;
      // In old logs a retry gave a token that took the place of the lost one.
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
  void operator()(const password_reset_allowed& e) const {
    if (!current.reset)
      current.reset.emplace();
    current.reset->expires_at = e.expires_at;
  }
};

/// Keeps what leads from a token to the next one, for as long as somebody may ask with the first.
void keep_rotation(state& current, const refresh& cmd, timestamp now, const settings& options) {
  for (auto& session : current.sessions) {
    if (session.family_hash != cmd.family_hash || session.token_hash != cmd.token_hash)
      continue;
    auto& kept = session.rotations;
    std::erase_if(kept, [&](const rotation& x) { return !is_recent(x.at, now, options); });
    if (kept.size() >= max_rotations)
      kept.erase(kept.begin());
    kept.push_back({cmd.token_hash, cmd.nonce, cmd.new_hash, now});
  }
}

void take_change(profile& of, const change& cmd) {
  of.name = cmd.name.value_or(of.name);
  of.email = cmd.email.value_or(of.email);
  of.password_hash = cmd.password_hash.value_or(of.password_hash);
}

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

void take_private(state& current, const command& cmd, timestamp now, const settings& options) {
  auto& profile = current.profile;
  if (const auto* made = std::get_if<register_account>(&cmd))
    profile = made->profile;
  else if (const auto* change = std::get_if<user::change>(&cmd))
    take_change(profile, *change);
  else if (const auto* start = std::get_if<start_session>(&cmd))
    profile.password_hash = start->new_hash.value_or(profile.password_hash);
  else if (const auto* reset = std::get_if<reset_password>(&cmd))
    profile.password_hash = reset->password_hash;
  else if (const auto* allowed = std::get_if<allow_reset>(&cmd))
    current.reset = reset_code{allowed->code_hash, {}};
  else if (const auto* refreshed = std::get_if<refresh>(&cmd))
    keep_rotation(current, *refreshed, now, options);
}

const session* find_family(const state& current, std::string_view family_hash) noexcept {
  const auto family = std::find_if(current.sessions.begin(), current.sessions.end(),
                                   [&](const session& x) { return x.family_hash == family_hash; });
  return family == current.sessions.end() ? nullptr : &*family;
}

const session* find_session(const state& current, std::string_view family_hash, std::string_view token_hash) noexcept {
  const auto* family = find_family(current, family_hash);
  return family && family->token_hash == token_hash ? family : nullptr;
}

std::optional<std::vector<std::string>> successors(const state& current, std::string_view family_hash,
                                                   std::string_view token_hash) {
  const auto* family = find_family(current, family_hash);
  if (!family)
    return std::nullopt;
  std::vector<std::string> nonces;
  std::string_view at = token_hash;
  for (auto next = find_rotation(*family, at); next != family->rotations.end() && next->token_hash == at; ++next) {
    nonces.push_back(next->nonce);
    at = next->next_hash;
  }
  return at == family->token_hash ? std::optional{std::move(nonces)} : std::nullopt;
}

bool may_reset(const state& current, std::string_view code_hash, timestamp now) noexcept {
  const auto& code = current.reset;
  return current.version > 0 && !current.disabled && code && !code->hash.empty() && code->hash == code_hash
         && now < code->expires_at;
}

} // namespace waybill::user
