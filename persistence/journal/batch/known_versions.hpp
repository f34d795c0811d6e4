#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace waybill {

/// Versions of streams whose last row in the log was written on this connection. Of such a version the key (stream,
/// version) alone proves that nobody has gone on from it: everybody begins their row where that one ends, so the rows
/// of two have the same key (docs/adr/0026). That holds while no event is removed from the log, hence `removed`.
/// Bounded: it holds at least the last `most` streams, and at most twice as many. Not thread-safe.
class known_versions {
public:
  explicit known_versions(std::size_t most) : most_{most} {}

  /// Whether `version` is the newest that was written here, and still known; or zero, and nothing was ever removed.
  [[nodiscard]] bool proves(std::string_view stream, std::uint64_t version) const;

  /// Call it when what was written is committed.
  void note(std::string_view stream, std::uint64_t version);

  /// Call it when the connection was lost, or another writer was first.
  void forget();

  /// How many events had been removed from the log, ever, before the first of these versions was noted; nothing while
  /// that is not known, and then nothing is proved.
  [[nodiscard]] const std::optional<std::uint64_t>& removed() const noexcept { return removed_; }
  void set_removed(std::uint64_t count) { removed_ = count; }

private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  using map_type = std::unordered_map<std::string, std::uint64_t, text_hash, std::equal_to<>>;

  std::size_t most_;
  /// When `young_` is full it becomes `old_`.
  map_type young_;
  map_type old_;
  std::optional<std::uint64_t> removed_;
};

} // namespace waybill
