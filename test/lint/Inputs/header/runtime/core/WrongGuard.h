//===- WrongGuard.h - A guard that names another path ---------------------===//
#ifndef ARCHC_RUNTIME_CORE_WRONGGUARD_H
#define ARCHC_RUNTIME_CORE_WRONGGUARD_H
#endif
