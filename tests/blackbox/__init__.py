"""What the black-box and fault tests share: the program as a process, clients, crowds, checks."""
