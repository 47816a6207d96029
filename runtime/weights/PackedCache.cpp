#include "runtime/weights/PackedCache.h"

#include "runtime/core/AtomicFile.h"

#include <cerrno>
#include <cstring>
#include <ctime>
#include <sys/stat.h>
#include <unistd.h>

namespace archrt {

static constexpr char kPackedMagic[8] = {'A', 'R', 'C', 'H', 'P', 'K', '\r', '\n'};
static constexpr char kStampMagic[8] = {'A', 'R', 'C', 'H', 'S', 'T', '\r', '\n'};
static constexpr uint32_t kCacheVersion = 1;
static constexpr size_t kPage = 4096;

namespace {
/// The first page of a .packed file; the rest of the page is zero.
struct PackedHeader {
  char magic[8];
  uint32_t version, reserved;
  uint64_t size;
  abi::Hash128 key, content;
  abi::Hash128 headerHash; // of the fields above
};
/// A whole .stamp file.
struct Stamp {
  char magic[8];
  uint32_t version, reserved;
  FileIdentity file;
  abi::Hash128 content;
  abi::Hash128 stampHash; // of the fields above
};
} // namespace
static_assert(sizeof(PackedHeader) == 72 && sizeof(Stamp) == 80, "no padding, whose bytes would be hashed");

std::string PackedCache::pathOf(const abi::Hash128 &name, const char *ending) const {
  return concat(folder, "/", toHex(name), ending);
}

/// Files of the cache are not synced: one that a power cut has torn fails its hash.
void PackedCache::write(const std::string &path, const std::vector<ByteView> &pieces) const {
  if (mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST)
    return log(concat("cannot make the cache folder `", folder, "`: ", std::strerror(errno), "; weights are packed each time"));
  if (Status status = writeFileAtomically(path, pieces, Durability::Unsynced); !status.ok())
    log(concat(status.message(), "; weights are packed each time"));
}

Status PackedCache::check(const MappedFile &file, const abi::Hash128 &key, size_t size) const {
  ByteView bytes = file.bytes();
  PackedHeader header;
  if (bytes.size < kPage)
    return invalid("has ", bytes.size, " bytes; expected ", kPage + size);
  std::memcpy(&header, bytes.data, sizeof(header));
  if (std::memcmp(header.magic, kPackedMagic, sizeof(kPackedMagic)) != 0)
    return invalid("is no file of packed weights");
  if (header.version != kCacheVersion)
    return invalid("has version ", header.version, "; expected ", kCacheVersion);
  if (!(header.headerHash == hash128({&header, offsetof(PackedHeader, headerHash)})))
    return invalid("is damaged: the hash of its header does not match");
  if (!(header.key == key) || header.size != size || bytes.size != kPage + size)
    return invalid("holds other weights, or is truncated: ", bytes.size, " bytes; expected ", kPage + size);
  if (!(header.content == hashInParallel(bytes.slice(kPage, size), pool)))
    return invalid("is damaged: the hash of its content does not match");
  return {};
}

CachedWeights PackedCache::load(const abi::Hash128 &key, size_t size) const {
  std::string path = pathOf(key, ".packed");
  if (access(path.c_str(), F_OK) != 0)
    return {};
  auto file = MappedFile::open(path, Paging::Whole);
  Status status = file.ok() ? check(**file, key, size) : file.status();
  if (!status.ok()) {
    log(concat("the cache file `", path, "` ", file.ok() ? "" : "cannot be used: ", status.message(), "; it is written anew"));
    return {};
  }
  return {*file, (*file)->bytes().slice(kPage, size)};
}

void PackedCache::store(const abi::Hash128 &key, ByteView bytes) const {
  PackedHeader header = {};
  std::memcpy(header.magic, kPackedMagic, sizeof(kPackedMagic));
  header.version = kCacheVersion;
  header.size = bytes.size;
  header.key = key;
  header.content = hashInParallel(bytes, pool);
  header.headerHash = hash128({&header, offsetof(PackedHeader, headerHash)});
  std::vector<uint8_t> page(kPage);
  std::memcpy(page.data(), &header, sizeof(header));
  write(pathOf(key, ".packed"), {{page.data(), kPage}, bytes});
}

bool PackedCache::readStamp(const std::string &path, const FileIdentity &file, abi::Hash128 &content) const {
  if (access(path.c_str(), F_OK) != 0)
    return false;
  auto mapped = MappedFile::open(path);
  Stamp stamp;
  if (!mapped.ok() || (*mapped)->bytes().size != sizeof(stamp)) {
    log(concat("the cache file `", path, "` is no stamp; it is written anew"));
    return false;
  }
  std::memcpy(&stamp, (*mapped)->bytes().data, sizeof(stamp));
  bool whole = std::memcmp(stamp.magic, kStampMagic, sizeof(kStampMagic)) == 0 && stamp.version == kCacheVersion &&
               stamp.stampHash == hash128({&stamp, offsetof(Stamp, stampHash)});
  if (!whole)
    log(concat("the cache file `", path, "` is damaged; it is written anew"));
  content = stamp.content;
  return whole && stamp.file == file;
}

/// Whether every later change of the file will show in its times. The change time, which no program can set, moves in steps of the
/// file system's clock: a file that changed just now may change again within the same step.
static bool isSettled(const FileIdentity &file) {
  constexpr int64_t margin = 2'000'000'000;
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  int64_t nanoseconds = int64_t(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
  return file.changed < nanoseconds - margin && file.modified < nanoseconds - margin;
}

abi::Hash128 PackedCache::contentOf(const SafetensorsFile &weights) const {
  const std::shared_ptr<MappedFile> &file = weights.file();
  if (!file)
    return hashInParallel(weights.bytes(), pool);
  uint64_t place[2] = {file->identity().device, file->identity().inode};
  std::string path = pathOf(hash128({place, sizeof(place)}), ".stamp");
  abi::Hash128 content;
  if (readStamp(path, file->identity(), content))
    return content;
  bool settled = isSettled(file->identity()); // before the file is read
  content = hashInParallel(weights.bytes(), pool, AfterHashing::DropPages);
  if (!settled)
    return content;
  Stamp stamp = {};
  std::memcpy(stamp.magic, kStampMagic, sizeof(kStampMagic));
  stamp.version = kCacheVersion;
  stamp.file = file->identity();
  stamp.content = content;
  stamp.stampHash = hash128({&stamp, offsetof(Stamp, stampHash)});
  write(path, {{&stamp, sizeof(stamp)}});
  return content;
}

} // namespace archrt
