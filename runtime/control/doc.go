// Package control is the socket by which a running karun tells its status and is asked to reload.
//
// A client connects to RUNDIR/karun.sock, sends one line of JSON and gets one answer. Only root and
// the user that karun runs as are served. Requests, answers, clients and times are bounded. Nothing
// that is told holds a secret: the status carries no password.
//
//	srv, err := control.Listen("/run/karun")
//	go srv.Serve(ctx, control.Handlers{Status: status, Reload: reload})
//
//	st, err := control.Get(ctx, "/run/karun")
//	fmt.Println(st.Instances[0].State) // MASTER
package control
