//go:build linux

package uml

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// User-Mode Linux 6.1 reads the processor's extended registers into a buffer of a fixed size, large
// enough for AVX-512. On machines that have more (AMX: 11008 bytes) it cannot write them back, and its
// first process dies with "ptrace set fp regs failed". Where it cannot read them at all, it uses the
// older request for the SSE registers, which works everywhere; but then a page fault loses what is in
// the AVX registers. So on such machines the request is refused, and the guest's programs are told to do
// without AVX.

// withoutAVX is the environment that tells glibc and Go to do so.
var withoutAVX = [...]string{
	"GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-AVX512VL,-AVX512BW,-AVX512DQ,-AVX512CD,-AVX_Fast_Unaligned_Load,-BMI1,-BMI2,-LZCNT,-FMA,-F16C",
	"GODEBUG=cpu.all=off",
}

// largestFrame is the largest signal frame, in bytes, of a machine without registers beyond AVX-512:
// its registers take 2696 bytes, the rest of a frame below 1000.
const largestFrame = 4096

// tooManyRegisters says whether this machine is of the other kind. The kernel gives each program the
// size of a signal frame (AT_MINSIGSTKSZ), since Linux 5.14, which is older than its use of AMX.
func tooManyRegisters() bool {
	const minSignalStack = 51
	data, err := os.ReadFile("/proc/self/auxv")
	if err != nil {
		return false
	}
	for ; len(data) >= 16; data = data[16:] {
		if binary.NativeEndian.Uint64(data) == minSignalStack {
			return binary.NativeEndian.Uint64(data[8:]) > largestFrame
		}
	}
	return false
}

// The filter's numbers: offsets in struct seccomp_data, ptrace's request and the kind of registers.
const (
	offsetNumber, offsetArch  = 0, 4
	offsetRequest, offsetKind = 16, 32
	requestGetRegset          = 0x4204
	kindXState                = 0x202
)

// start starts cmd, on machines with too many registers without the right to read them. The filter
// holds for the calling thread and what it starts, so that the thread is thrown away.
func start(cmd *exec.Cmd) error {
	if !tooManyRegisters() {
		return cmd.Start()
	}
	// The kernel makes words that it does not know part of the first process's environment.
	cmd.Args = append(cmd.Args, withoutAVX[:]...)
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		if err := refuseExtendedRegisters(); err != nil {
			done <- fmt.Errorf("install the seccomp filter for user-mode linux: %w", err)
			return
		}
		done <- cmd.Start()
	}()
	return <-done
}

func refuseExtendedRegisters() error {
	load := func(offset uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
	}
	// equal goes on where the loaded word is k, and skips as many instructions elsewhere.
	equal := func(k uint32, skip uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: k, Jf: skip}
	}
	verdict := func(k uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: k}
	}
	filter := []unix.SockFilter{
		load(offsetArch), equal(unix.AUDIT_ARCH_X86_64, 7),
		load(offsetNumber), equal(unix.SYS_PTRACE, 5),
		load(offsetRequest), equal(requestGetRegset, 3),
		load(offsetKind), equal(kindXState, 1),
		verdict(unix.SECCOMP_RET_ERRNO | uint32(unix.EINVAL)),
		verdict(unix.SECCOMP_RET_ALLOW),
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&prog)))
	runtime.KeepAlive(filter)
	if errno != 0 {
		return errno
	}
	return nil
}
