"""Policy into effect: functions that run inside one transaction each."""
