"""An invented ward to try the program on: nobody in it exists, and its names say so ("Mẫu", "Ví Dụ")."""
